namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>Counts every call of the API, with the moment of its arrival. Consent pages and the admin interface are no calls.</summary>
public sealed class CallLog(TimeProvider time)
{
    private const int Kept = 200;
    private const int ArrivalsKept = 1_000_000;

    private readonly Lock _gate = new();
    private readonly Queue<LoggedCall> _latest = [];
    private readonly List<DateTimeOffset> _arrivals = [];
    private readonly SortedDictionary<string, int> _byKind = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, int> _byStatus = [];
    private int _total;
    private int _atOnce;
    private int _maxAtOnce;

    /// <summary>The last 200 that were answered, the latest first.</summary>
    public IReadOnlyList<LoggedCall> Latest
    {
        get
        {
            lock (_gate)
            {
                return [.. _latest.Reverse()];
            }
        }
    }

    public int Total => Read(TimeSpan.Zero).Total;

    public int MostAtOnce => Read(TimeSpan.Zero).MaxAtOnce;

    public IReadOnlyDictionary<string, int> ByKind => Read(TimeSpan.Zero).ByKind;

    /// <summary>The largest number of calls that arrived within any window of this length.</summary>
    public int MostWithin(TimeSpan window) => Read(window).MaxInSlidingWindow;

    /// <summary>How many calls of a kind there were, e.g. of <c>orders.batch.create</c>.</summary>
    public int Of(string kind) => Read(TimeSpan.Zero).ByKind.GetValueOrDefault(kind);

    /// <summary>How many calls got this status.</summary>
    public int Answered(int status) => Read(TimeSpan.Zero).ByStatus.GetValueOrDefault(status);

    public CallCounts Read(TimeSpan window)
    {
        lock (_gate)
        {
            return new(_total, new(_byKind, StringComparer.Ordinal), new(_byStatus), Densest(window), _maxAtOnce);
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _total = 0;
            _arrivals.Clear();
            _latest.Clear();
            _byKind.Clear();
            _byStatus.Clear();
            _maxAtOnce = _atOnce;
        }
    }

    internal CountedCall Begin(string kind)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _total++;
            _arrivals.Add(now);
            if (_arrivals.Count > 2 * ArrivalsKept)
            {
                // The densest window is that of the last million calls then.
                _arrivals.RemoveRange(0, ArrivalsKept);
            }

            _byKind[kind] = _byKind.GetValueOrDefault(kind) + 1;
            _maxAtOnce = Math.Max(_maxAtOnce, ++_atOnce);
        }

        return new CountedCall(this, kind, now, time.GetTimestamp());
    }

    private int Densest(TimeSpan window)
    {
        var (most, first) = (0, 0);
        for (var last = 0; window > TimeSpan.Zero && last < _arrivals.Count; last++)
        {
            while (_arrivals[first] <= _arrivals[last] - window)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private void End(CountedCall call, int? status)
    {
        lock (_gate)
        {
            _atOnce--;
            if (status is { } known)
            {
                _latest.Enqueue(new(call.At, call.Kind, known, time.GetElapsedTime(call.Began)));
                if (_latest.Count > Kept)
                {
                    _latest.Dequeue();
                }

                _byStatus[known] = _byStatus.GetValueOrDefault(known) + 1;
            }
        }
    }

    /// <summary>
    /// Ends when the answer is ready to be written, so that a client calling one after the other never counts as two at once.
    /// </summary>
    internal sealed class CountedCall(CallLog log, string kind, DateTimeOffset at, long began) : IDisposable
    {
        private bool _ended;

        public string Kind => kind;

        public DateTimeOffset At => at;

        public long Began => began;

        public void Answered(int status) => End(status);

        public void Dispose() => End(null);

        private void End(int? status)
        {
            if (!_ended)
            {
                _ended = true;
                log.End(this, status);
            }
        }
    }
}

public sealed record LoggedCall(DateTimeOffset At, string Kind, int Status, TimeSpan Took);

/// <summary>In <c>ByStatus</c>, 0 is a connection cut on request.</summary>
public sealed record CallCounts(
    int Total, SortedDictionary<string, int> ByKind, SortedDictionary<int, int> ByStatus, int MaxInSlidingWindow, int MaxAtOnce);
