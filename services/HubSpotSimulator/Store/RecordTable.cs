namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The records of one type with their unique values. Callers hold the portal's gate.</summary>
internal sealed class RecordTable(ObjectType type, TimeSpan searchIndexDelay)
{
    private const string MoreEmails = "hs_additional_emails";

    private readonly RecordShelf _live = new();
    private readonly RecycleBin _archived = new();
    private readonly PropertyValues.Shapes _shapes = new();
    private readonly Dictionary<long, long> _mergedInto = [];
    private readonly Dictionary<string, Dictionary<string, string>> _keys =
        type.Keys.ToDictionary(k => k, _ => new Dictionary<string, string>(StringComparer.Ordinal));

    public SearchIndex Index { get; } = new(searchIndexDelay);

    public int Count => _live.Count;

    public IEnumerable<CrmRecord> Live => _live.From(0);

    public IEnumerable<CrmRecord> Archived => _archived.From(0);

    public IReadOnlyDictionary<long, long> MergedInto => _mergedInto;

    public bool IsKey(string property) => _keys.ContainsKey(property);

    public IEnumerable<CrmRecord> Page(long from, bool archived) => archived ? _archived.From(from) : _live.From(from);

    public CrmRecord? Find(string id) => long.TryParse(id, out var number) ? _live.Find(number) : null;

    /// <summary>Knows the ids of records that were merged, too: theirs is the record that came out.</summary>
    public CrmRecord? FindOrSurvivor(string id)
    {
        if (!long.TryParse(id, out var number))
        {
            return null;
        }

        while (_mergedInto.TryGetValue(number, out var survivor))
        {
            number = survivor;
        }

        return _live.Find(number);
    }

    public CrmRecord? FindArchived(string id) => long.TryParse(id, out var number) ? _archived.Find(number) : null;

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

        foreach (var record in Live)
        {
            foreach (var value in KeyValues(record, property))
            {
                _keys[property].TryAdd(value, record.Id);
            }
        }
    }

    public void RemoveKey(string property) => _keys.Remove(property);

    public void Put(CrmRecord given, DateTimeOffset now)
    {
        var record = Packed(given);
        var id = long.Parse(record.Id);
        var before = _live.Find(id);
        _live.Put(id, record);
        if (before is null)
        {
            ClaimKeys(record);
        }
        else if (!_keys.Keys.All(k => HaveSameKey(before, record, k)))
        {
            ReleaseKeys(before);
            ClaimKeys(record);
        }

        Index.Changed(record, now);
    }

    /// <summary>Many at once, into an empty table: by id into the list, by time of change into the search index.</summary>
    public void Load(IEnumerable<CrmRecord> records)
    {
        List<CrmRecord> packed = [.. records.Select(Packed)];
        foreach (var record in packed.OrderBy(r => long.Parse(r.Id)))
        {
            _live.Put(long.Parse(record.Id), record);
            ClaimKeys(record);
        }

        foreach (var record in packed.OrderBy(r => r.UpdatedAt))
        {
            Index.Changed(record, record.UpdatedAt);
        }
    }

    public CrmRecord? Archive(string id, DateTimeOffset now, bool keepKeys = false)
    {
        if (Find(id) is not { } record)
        {
            return null;
        }

        if (!keepKeys)
        {
            ReleaseKeys(record);
        }

        _live.Take(long.Parse(id));
        return Bury(record with { ArchivedAt = now }, now);
    }

    /// <summary>Those of a state file again, the oldest first.</summary>
    public void BuryAgain(IEnumerable<CrmRecord> archived, bool keepKeys)
    {
        foreach (var record in archived.OrderBy(r => r.ArchivedAt))
        {
            if (keepKeys)
            {
                ClaimKeys(record);
            }

            Bury(record, record.ArchivedAt ?? record.UpdatedAt);
        }
    }

    /// <summary>What has been in the recycle bin for long enough is gone for good; its ids.</summary>
    public IReadOnlyList<string> EmptyBin(DateTimeOffset now)
    {
        List<string> gone = [];
        foreach (var record in _archived.TakeOld(now))
        {
            ReleaseKeys(record);
            gone.Add(record.Id);
        }

        return gone;
    }

    /// <summary>For good, from the recycle bin too; false when it is in neither place.</summary>
    public bool Erase(string id, DateTimeOffset now)
    {
        if (Archive(id, now) is null && FindArchived(id) is null)
        {
            return false;
        }

        ReleaseKeys(FindArchived(id)!);
        _archived.Take(long.Parse(id));
        return true;
    }

    /// <summary>Out of the recycle bin, with its old values and stamps.</summary>
    public CrmRecord? Restore(string id, DateTimeOffset now)
    {
        if (FindArchived(id) is not { } archived)
        {
            return null;
        }

        _archived.Take(long.Parse(id));
        var record = archived with { ArchivedAt = null };
        Put(record, now);
        return record;
    }

    /// <summary>The values of unique properties that somebody else has by now.</summary>
    public IEnumerable<(string Property, string Value, string Owner)> Taken(CrmRecord record) => _keys.Keys
        .SelectMany(p => KeyValues(record, p).Select(v => (p, v, Owner(p, v))))
        .Where(k => k.Item3 is not null && k.Item3 != record.Id)
        .Select(k => (k.p, k.v, k.Item3!));

    /// <summary>Both records leave, and their ids lead to the one that came out of them.</summary>
    public void Merge(CrmRecord primary, CrmRecord other, CrmRecord survivor, DateTimeOffset now)
    {
        foreach (var gone in (CrmRecord[])[primary, other])
        {
            ReleaseKeys(gone);
            _live.Take(long.Parse(gone.Id));
            if (gone.Id != survivor.Id)
            {
                Index.Changed(gone with { ArchivedAt = now }, now);
                LeadTo(long.Parse(gone.Id), long.Parse(survivor.Id));
            }
        }

        Put(survivor, now);
    }

    public void LeadTo(long oldId, long survivorId) => _mergedInto[oldId] = survivorId;

    private CrmRecord Bury(CrmRecord given, DateTimeOffset now)
    {
        var record = Packed(given);
        _archived.Put(record, now);
        Index.Changed(record, now);
        return record;
    }

    private CrmRecord Packed(CrmRecord record) =>
        record.Properties is PropertyValues ? record : record with { Properties = _shapes.Pack(record.Properties) };

    private void ClaimKeys(CrmRecord record)
    {
        foreach (var (property, owners) in _keys)
        {
            foreach (var value in KeyValues(record, property))
            {
                owners[value] = record.Id;
            }
        }
    }

    private void ReleaseKeys(CrmRecord record)
    {
        foreach (var (property, owners) in _keys)
        {
            foreach (var value in KeyValues(record, property).Where(v => owners.GetValueOrDefault(v) == record.Id))
            {
                owners.Remove(value);
            }
        }
    }

    private static bool HaveSameKey(CrmRecord a, CrmRecord b, string property) =>
        a[property] == b[property] && (property != "email" || a[MoreEmails] == b[MoreEmails]);

    /// <summary>After a merge, a contact is known by all its e-mail addresses.</summary>
    public static IEnumerable<string> KeyValues(CrmRecord record, string property)
    {
        if (record[property] is { } value)
        {
            yield return Normalize(property, value);
        }

        if (property == "email" && record[MoreEmails] is { } more)
        {
            foreach (var email in more.Split(';'))
            {
                yield return Normalize(property, email);
            }
        }
    }
}
