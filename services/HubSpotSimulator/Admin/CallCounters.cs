namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>Counts every call of the API, with the moment of its arrival.</summary>
internal sealed class CallCounters(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<DateTimeOffset> _arrivals = [];
    private readonly SortedDictionary<string, int> _byKind = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, int> _byStatus = [];
    private int _atOnce;
    private int _maxAtOnce;

    public CountedCall Begin(string kind)
    {
        lock (_gate)
        {
            _arrivals.Add(time.GetUtcNow());
            _byKind[kind] = _byKind.GetValueOrDefault(kind) + 1;
            _maxAtOnce = Math.Max(_maxAtOnce, ++_atOnce);
        }

        return new CountedCall(this);
    }

    public CallCounts Read(TimeSpan window)
    {
        lock (_gate)
        {
            return new(_arrivals.Count, new(_byKind, StringComparer.Ordinal), new(_byStatus), Densest(window), _maxAtOnce);
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _arrivals.Clear();
            _byKind.Clear();
            _byStatus.Clear();
            _maxAtOnce = _atOnce;
        }
    }

    private int Densest(TimeSpan window)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < _arrivals.Count; last++)
        {
            while (_arrivals[first] <= _arrivals[last] - window)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private void End(int? status)
    {
        lock (_gate)
        {
            _atOnce--;
            if (status is { } known)
            {
                _byStatus[known] = _byStatus.GetValueOrDefault(known) + 1;
            }
        }
    }

    /// <summary>Ends when the answer is ready to be written, so that a client calling one after the other never counts as two at once.</summary>
    internal sealed class CountedCall(CallCounters counters) : IDisposable
    {
        private bool _ended;

        public void Answered(int status) => End(status);

        public void Dispose() => End(null);

        private void End(int? status)
        {
            if (!_ended)
            {
                _ended = true;
                counters.End(status);
            }
        }
    }
}

/// <summary>In <c>ByStatus</c>, 0 is a connection cut on request.</summary>
internal sealed record CallCounts(
    int Total, SortedDictionary<string, int> ByKind, SortedDictionary<int, int> ByStatus, int MaxInSlidingWindow, int MaxAtOnce);
