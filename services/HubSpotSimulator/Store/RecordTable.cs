namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The records of one type with their unique values. Callers hold the portal's gate.</summary>
internal sealed class RecordTable(ObjectType type)
{
    private readonly SortedDictionary<long, CrmRecord> _live = [];
    private readonly SortedDictionary<long, CrmRecord> _archived = [];
    private readonly Dictionary<string, Dictionary<string, string>> _keys =
        type.Keys.ToDictionary(k => k, _ => new Dictionary<string, string>(StringComparer.Ordinal));

    public SearchIndex Index { get; } = new();

    public int Count => _live.Count;

    public IEnumerable<CrmRecord> Live => _live.Values;

    public IEnumerable<CrmRecord> Archived => _archived.Values;

    public bool IsKey(string property) => _keys.ContainsKey(property);

    public CrmRecord? Find(string id) => long.TryParse(id, out var number) ? _live.GetValueOrDefault(number) : null;

    public CrmRecord? FindArchived(string id) => long.TryParse(id, out var number) ? _archived.GetValueOrDefault(number) : null;

    /// <summary>The id of the record that has this value of a unique property.</summary>
    public string? Owner(string property, string value) =>
        _keys.TryGetValue(property, out var owners) ? owners.GetValueOrDefault(Normalize(property, value)) : null;

    public static string Normalize(string property, string value) =>
        property == "email" ? value.Trim().ToLowerInvariant() : value;

    public void AddKey(string property)
    {
        if (!_keys.TryAdd(property, []))
        {
            return;
        }

        foreach (var record in _live.Values)
        {
            if (record[property] is { } value)
            {
                _keys[property].TryAdd(Normalize(property, value), record.Id);
            }
        }
    }

    public void RemoveKey(string property) => _keys.Remove(property);

    public void Put(CrmRecord record, DateTimeOffset now)
    {
        var id = long.Parse(record.Id);
        if (_live.TryGetValue(id, out var before))
        {
            ReleaseKeys(before);
        }

        _live[id] = record;
        foreach (var (property, owners) in _keys)
        {
            if (record[property] is { } value)
            {
                owners[Normalize(property, value)] = record.Id;
            }
        }

        Index.Changed(record, now);
    }

    public CrmRecord? Archive(string id, DateTimeOffset now)
    {
        if (Find(id) is not { } record)
        {
            return null;
        }

        ReleaseKeys(record);
        _live.Remove(long.Parse(id));
        return Bury(record with { ArchivedAt = now }, now);
    }

    public CrmRecord Bury(CrmRecord record, DateTimeOffset now)
    {
        _archived[long.Parse(record.Id)] = record;
        Index.Changed(record, now);
        return record;
    }

    private void ReleaseKeys(CrmRecord record)
    {
        foreach (var (property, owners) in _keys)
        {
            if (record[property] is { } value && owners.GetValueOrDefault(Normalize(property, value)) == record.Id)
            {
                owners.Remove(Normalize(property, value));
            }
        }
    }
}
