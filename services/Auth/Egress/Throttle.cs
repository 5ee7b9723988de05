namespace HubSpotBus.Auth.Egress;

/// <summary>
/// Hands out the permits of all subscriptions of this process, so that lines which share HubSpot's account limit take turns.
/// Driven by its clock alone; one lock, never held while anything is awaited.
/// </summary>
public sealed class Throttle : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<CallLine> _turns = new();
    private readonly TimeProvider _time;
    private readonly ITimer _wake;

    public Throttle(TimeProvider time)
    {
        _time = time;
        _wake = time.CreateTimer(_ => Change(() => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for room in the line's windows. Past the patience: <see cref="CallThrottledException"/>.</summary>
    public async Task<Permit> EnterAsync(CallLine line, Lane lane, bool search, TimeSpan patience, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        WaitingCall call;
        lock (_gate)
        {
            call = new WaitingCall(lane, search, Now);
            line.Add(call);
            if (!_turns.Contains(line))
            {
                _turns.Enqueue(line);
            }

            HandOut();
        }

        if (call.Permit.IsCompleted)
        {
            return await call.Permit;
        }

        using var patient = new CancellationTokenSource(patience, _time);
        await using var leaving = cancellation.Register(() => Leave(line, call, () => call.Cancel(cancellation)));
        await using var tired = patient.Token.Register(() => Leave(line, call, () => call.GiveUp(Backlog(line))));
        return await call.Permit;
    }

    /// <summary>Changes limits or windows; who waits is looked at again.</summary>
    public void Change(Action change)
    {
        lock (_gate)
        {
            change();
            HandOut();
        }
    }

    public void CloseFor(SlidingWindow window, TimeSpan time) => Change(() => window.CloseUntil(Now + time));

    public void Correct(SlidingWindow window, int remaining) => Change(() => window.Correct(remaining, Now));

    public ThrottleReading Read(CallLine line)
    {
        lock (_gate)
        {
            return new ThrottleReading
            {
                Limit = line.Own.Limit,
                Seconds = (int)line.Own.Length.TotalSeconds,
                Used = line.Own.Used(Now),
                Open = line.Open,
                MostAtOnce = line.MostAtOnce,
                Waiting = line.Waiting,
                OldestWaitingSeconds = line.OldestSince is { } since ? (Now - since).TotalSeconds : 0,
            };
        }
    }

    public void Answered(CallLine line, SlidingWindow[] windows) => Change(() =>
    {
        line.Open--;
        Array.ForEach(windows, window => window.Answered(Now));
    });

    public void Dispose() => _wake.Dispose();

    private TimeSpan Now => _time.GetElapsedTime(0);

    private void Leave(CallLine line, WaitingCall call, Action say)
    {
        lock (_gate)
        {
            if (line.Remove(call))
            {
                say();
            }
        }
    }

    // Lines take turns, one call each, until none may go.
    private void HandOut()
    {
        var now = Now;
        for (var stuck = 0; stuck < _turns.Count;)
        {
            var line = _turns.Dequeue();
            if (line.Next(now) is { } call)
            {
                call.Grant(new Permit(this, line, call.Windows));
                stuck = 0;
            }
            else
            {
                stuck++;
            }

            if (line.Waiting > 0)
            {
                _turns.Enqueue(line);
            }
            else
            {
                stuck = 0;
            }
        }

        var next = _turns.Min(line => line.NextRoom(now));
        _wake.Change(next is { } at ? at - now : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    // How long those who wait now will take, at the pace of the subscription's own limit.
    private static TimeSpan Backlog(CallLine line) =>
        TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling((line.Waiting + 1) * line.Own.Length.TotalSeconds / line.Own.Limit), 1, 60));
}
