using System.Collections.Concurrent;

namespace HubSpotBus.HubSpotSimulator.Faults;

/// <summary>Calls that were answered already and are still to be done.</summary>
public sealed class LateCalls(TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<Action, ITimer> _timers = [];

    /// <summary>How many are still to come.</summary>
    public int Count => _timers.Count;

    /// <summary>Follows the simulator's clock: with a stopped one, it happens while the clock is moved on.</summary>
    internal void After(TimeSpan delay, Action act)
    {
        // Started only when it is in the list: what is not in there is not done.
        var timer = time.CreateTimer(_ => Do(act), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timers[act] = timer;
        timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What was put off is never done.</summary>
    public void Clear()
    {
        foreach (var act in _timers.Keys)
        {
            Forget(act);
        }
    }

    public void Dispose() => Clear();

    private void Do(Action act)
    {
        if (Forget(act))
        {
            act();
        }
    }

    private bool Forget(Action act)
    {
        if (!_timers.TryRemove(act, out var timer))
        {
            return false;
        }

        timer.Dispose();
        return true;
    }
}
