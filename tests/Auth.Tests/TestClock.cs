namespace HubSpotBus.Auth.Tests;

/// <summary>A clock that may run faster than the wall's and can be set forward: hours pass without anybody waiting.</summary>
public sealed class TestClock(int speed = 1) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _startTicks = System.GetTimestamp();
    private TimeSpan _set;

    public override DateTimeOffset GetUtcNow() => _start + (System.GetElapsedTime(_startTicks) * speed) + _set;

    public override long GetTimestamp() => (System.GetTimestamp() * speed) + (long)(_set.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Faster(dueTime), Faster(period)), Faster);

    public void Forward(TimeSpan time) => _set += time;

    private TimeSpan Faster(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / speed;

    private sealed class Timer(ITimer timer, Func<TimeSpan, TimeSpan> faster) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(faster(dueTime), faster(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
