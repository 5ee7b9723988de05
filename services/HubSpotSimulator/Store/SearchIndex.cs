namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// What searches see: the records as they were some seconds ago. A property that somebody searches by gets an order of its own then.
/// Callers hold the portal's gate.
/// </summary>
internal sealed class SearchIndex(TimeSpan delay)
{
    private const int MostPending = 1000;

    private readonly RecordShelf _visible = new();
    private readonly Queue<(DateTimeOffset At, CrmRecord Record)> _pending = [];
    private readonly Dictionary<string, SortedKeys> _orders = [];

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

    /// <summary>Records whose value has a key in the range, in the order of the keys, and how many they are.</summary>
    public (int Count, IEnumerable<CrmRecord> Records) In(string property, KeyRange range, int skip = 0)
    {
        if (!_orders.TryGetValue(property, out var order))
        {
            _orders[property] = order = new(
                All.Where(r => r[property] is not null).Select(r => (SearchKey.Of(r[property]!), long.Parse(r.Id))));
        }

        var first = order.Rank(range.First);
        var count = Math.Max(0, order.Rank(range.Last) - first);
        return (count, order.From(first + skip).Take(Math.Max(0, count - skip)).Select(id => _visible.Find(id)!));
    }
}
