namespace HubSpotBus.HubSpotSimulator.Limits;

internal sealed class SlidingWindow(TimeSpan length, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _taken = [];

    /// <summary>Takes a place unless the window is full. Refused calls take none.</summary>
    public bool TryTake(int limit, Func<int, int> enforced, out int remaining)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            while (_taken.TryPeek(out var oldest) && oldest <= now - length)
            {
                _taken.Dequeue();
            }

            var free = _taken.Count < enforced(limit);
            if (free)
            {
                _taken.Enqueue(now);
            }

            remaining = Math.Max(0, limit - _taken.Count);
            return free;
        }
    }
}
