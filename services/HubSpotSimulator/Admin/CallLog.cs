using System.Collections.Concurrent;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>Counts every call to the simulated HubSpot, OAuth included; consent pages and the admin API are none.</summary>
public sealed class CallLog(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<long> _times = [];
    private readonly ConcurrentDictionary<string, int> _byKind = [];
    private readonly ConcurrentDictionary<int, int> _byStatus = [];
    private int _now;
    private int _mostAtOnce;

    public int Total => _byKind.Values.Sum();

    public int MostAtOnce => _mostAtOnce;

    public IReadOnlyDictionary<string, int> ByKind => _byKind;

    public IReadOnlyDictionary<int, int> ByStatus => _byStatus;

    /// <summary>Number of calls of a kind, such as "orders.batch.create".</summary>
    public int Of(string kind) => _byKind.GetValueOrDefault(kind);

    public int Answered(int status) => _byStatus.GetValueOrDefault(status);

    public void Begin(string kind)
    {
        lock (_gate)
        {
            _times.Add(time.GetTimestamp());
            _mostAtOnce = Math.Max(_mostAtOnce, ++_now);
        }

        _byKind.AddOrUpdate(kind, 1, (_, n) => n + 1);
    }

    public void End(int status)
    {
        lock (_gate)
            _now--;
        _byStatus.AddOrUpdate(status, 1, (_, n) => n + 1);
    }

    /// <summary>The largest number of calls that began within any window of this length.</summary>
    public int MostWithin(TimeSpan window)
    {
        lock (_gate)
        {
            var (most, first) = (0, 0);
            for (var last = 0; last < _times.Count; last++)
            {
                while (time.GetElapsedTime(_times[first], _times[last]) >= window)
                    first++;
                most = Math.Max(most, last - first + 1);
            }

            return most;
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _times.Clear();
            _mostAtOnce = _now;
        }

        _byKind.Clear();
        _byStatus.Clear();
    }
}
