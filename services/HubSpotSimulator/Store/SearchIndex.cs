namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>What searches see: the records as they were some seconds ago. Callers hold the portal's gate.</summary>
internal sealed class SearchIndex
{
    private readonly Dictionary<string, CrmRecord> _visible = [];
    private readonly Queue<(DateTimeOffset At, CrmRecord Record)> _pending = [];

    public void Changed(CrmRecord record, DateTimeOffset now) => _pending.Enqueue((now, record));

    public IReadOnlyCollection<CrmRecord> AsOf(DateTimeOffset time)
    {
        while (_pending.TryPeek(out var change) && change.At <= time)
        {
            var record = _pending.Dequeue().Record;
            if (record.ArchivedAt is null)
            {
                _visible[record.Id] = record;
            }
            else
            {
                _visible.Remove(record.Id);
            }
        }

        return _visible.Values;
    }
}
