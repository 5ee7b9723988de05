namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Archived records of one type, for as long as HubSpot keeps them.</summary>
internal sealed class RecycleBin
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private readonly RecordShelf _records = new();

    // As they came. Who has left is passed over.
    private readonly Queue<(long Id, DateTimeOffset ArchivedAt)> _byTime = new();

    public CrmRecord? Find(long id) => _records.Find(id);

    public IEnumerable<CrmRecord> From(long id) => _records.From(id);

    /// <summary>None came later than this one.</summary>
    public void Put(CrmRecord record, DateTimeOffset archivedAt)
    {
        var id = long.Parse(record.Id);
        _records.Put(id, record);
        _byTime.Enqueue((id, archivedAt));
    }

    public CrmRecord? Take(long id) => _records.Take(id);

    /// <summary>Takes out what has been kept for long enough.</summary>
    public IEnumerable<CrmRecord> TakeOld(DateTimeOffset now)
    {
        while (_byTime.TryPeek(out var oldest) && oldest.ArchivedAt < now - Kept)
        {
            _byTime.Dequeue();
            if (Find(oldest.Id) is { } record && record.ArchivedAt == oldest.ArchivedAt)
            {
                yield return Take(oldest.Id)!;
            }
        }
    }
}
