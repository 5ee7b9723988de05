namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// What searches see: the records as they were some seconds ago. A property that somebody searches by gets an order of its own then.
/// Callers hold the portal's gate.
/// </summary>
internal sealed class SearchIndex(TimeSpan delay)
{
    private static readonly IComparer<(string Key, long Id)> ByKey = Comparer<(string Key, long Id)>.Create((a, b) =>
        string.CompareOrdinal(a.Key, b.Key) is not 0 and var order ? order : a.Id.CompareTo(b.Id));

    private const int MostPending = 1000;

    private readonly RecordShelf _visible = new();
    private readonly Queue<(DateTimeOffset At, CrmRecord Record)> _pending = [];
    private readonly Dictionary<string, SortedSet<(string Key, long Id)>> _orders = [];

    public IEnumerable<CrmRecord> All => _visible.From(0);

    public void Changed(CrmRecord record, DateTimeOffset now)
    {
        _pending.Enqueue((now, record));
        if (_pending.Count > MostPending)
        {
            // Where nobody searches, old states of records must not pile up.
            CatchUp(now);
        }
    }

    /// <summary>Takes up what happened until now, less the delay.</summary>
    public void CatchUp(DateTimeOffset now)
    {
        while (_pending.TryPeek(out var change) && change.At <= now - delay)
        {
            var record = _pending.Dequeue().Record;
            var id = long.Parse(record.Id);
            foreach (var (property, order) in _orders)
            {
                if (_visible.Find(id)?[property] is { } gone)
                {
                    order.Remove((SearchKey.Of(gone), id));
                }

                if (record is { ArchivedAt: null } && record[property] is { } come)
                {
                    order.Add((SearchKey.Of(come), id));
                }
            }

            if (record.ArchivedAt is null)
            {
                _visible.Put(id, record);
            }
            else
            {
                _visible.Take(id);
            }
        }
    }

    public CrmRecord? Find(string id) => long.TryParse(id, out var number) ? _visible.Find(number) : null;

    /// <summary>Records whose value has a key between these, in the order of the keys.</summary>
    public IEnumerable<CrmRecord> Between(string property, string first, string last)
    {
        if (!_orders.TryGetValue(property, out var order))
        {
            _orders[property] = order = new(
                All.Where(r => r[property] is not null).Select(r => (SearchKey.Of(r[property]!), long.Parse(r.Id))), ByKey);
        }

        return string.CompareOrdinal(first, last) > 0
            ? []
            : order.GetViewBetween((first, 0), (last, long.MaxValue)).Select(o => _visible.Find(o.Id)!);
    }
}
