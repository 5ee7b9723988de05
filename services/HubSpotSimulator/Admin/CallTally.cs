namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>Counts of some calls: of all, or of one account's. The log's lock is held around each use.</summary>
internal sealed class CallTally
{
    private const int ArrivalsKept = 1_000_000;

    private readonly List<DateTimeOffset> _arrivals = [];
    private readonly SortedDictionary<string, int> _byKind = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, int> _byStatus = [];
    private int _total;
    private int _atOnce;
    private int _maxAtOnce;

    public CallCounts Read(TimeSpan window) =>
        new(_total, new(_byKind, StringComparer.Ordinal), new(_byStatus), Densest(window), _maxAtOnce);

    public void Begin(string kind, DateTimeOffset at)
    {
        _total++;
        _arrivals.Add(at);
        if (_arrivals.Count > 2 * ArrivalsKept)
        {
            // The densest window is that of the last million calls then.
            _arrivals.RemoveRange(0, ArrivalsKept);
        }

        _byKind[kind] = _byKind.GetValueOrDefault(kind) + 1;
        _maxAtOnce = Math.Max(_maxAtOnce, ++_atOnce);
    }

    public void End(int? status)
    {
        _atOnce--;
        if (status is { } known)
        {
            _byStatus[known] = _byStatus.GetValueOrDefault(known) + 1;
        }
    }

    /// <summary>What runs goes on, and will end.</summary>
    public void Reset()
    {
        _total = 0;
        _arrivals.Clear();
        _byKind.Clear();
        _byStatus.Clear();
        _maxAtOnce = _atOnce;
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
}
