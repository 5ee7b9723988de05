using System.Text.Json.Serialization;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>One HubSpot account. Everything about it happens under its lock.</summary>
public sealed class Portal
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required string Currency { get; init; }

    public List<string> AdditionalCurrencies { get; init; } = [];

    public long LastId { get; set; } = 100_000_000_000;

    public Dictionary<string, ObjectTable> Tables { get; init; } = [];

    /// <summary>"fromType/fromId/toType/toId" to the type ids in that direction.</summary>
    public Dictionary<string, HashSet<int>> Associations { get; init; } = [];

    public Dictionary<string, List<PipelineState>> Pipelines { get; init; } = [];

    [JsonIgnore]
    internal Lock Gate { get; } = new();

    /// <summary>Grows with every write.</summary>
    [JsonIgnore]
    internal long Revision { get; set; }

    internal static Portal New(PortalOptions options)
    {
        var portal = new Portal { Id = options.Id, Name = options.Name, Currency = options.Currency, AdditionalCurrencies = options.AdditionalCurrencies };
        foreach (var type in ObjectKind.All)
            portal.Tables[type.Name] = new ObjectTable { Properties = StandardProperties.Of(type.Name) };
        portal.Pipelines["deals"] = StandardPipelines.Deals();
        portal.Pipelines["orders"] = StandardPipelines.Orders();
        portal.Reindex();
        return portal;
    }

    internal string NextId()
    {
        LastId += 17;
        return LastId.ToString();
    }

    internal void Reindex()
    {
        foreach (var table in Tables.Values)
            table.Reindex();
        _associationsOf.Clear();
        foreach (var key in Associations.Keys)
            Index(key);
    }

    private readonly Dictionary<string, Dictionary<string, List<string>>> _associationsOf = [];

    /// <summary>Ids of the records of a type that a record is associated with, in the order of their making.</summary>
    internal IReadOnlyList<string> AssociatedIds(string fromType, string fromId, string toType) =>
        _associationsOf.GetValueOrDefault($"{fromType}/{fromId}")?.GetValueOrDefault(toType) ?? [];

    internal void Associate(string fromType, string fromId, string toType, string toId, IEnumerable<int> typeIds)
    {
        AddTypes(fromType, fromId, toType, toId, typeIds);
        AddTypes(toType, toId, fromType, fromId, typeIds.Select(AssociationKind.Inverse).Where(t => t > 0));
        Revision++;
    }

    internal void Dissociate(string fromType, string fromId, string toType, string toId)
    {
        foreach (var (a, ai, b, bi) in new[] { (fromType, fromId, toType, toId), (toType, toId, fromType, fromId) })
        {
            Associations.Remove($"{a}/{ai}/{b}/{bi}");
            _associationsOf.GetValueOrDefault($"{a}/{ai}")?.GetValueOrDefault(b)?.Remove(bi);
        }

        Revision++;
    }

    private void AddTypes(string fromType, string fromId, string toType, string toId, IEnumerable<int> typeIds)
    {
        var key = $"{fromType}/{fromId}/{toType}/{toId}";
        if (!Associations.TryGetValue(key, out var types))
        {
            Associations[key] = types = [];
            Index(key);
        }

        types.UnionWith(typeIds);
    }

    private void Index(string key)
    {
        var parts = key.Split('/');
        var from = $"{parts[0]}/{parts[1]}";
        if (!_associationsOf.TryGetValue(from, out var byType))
            _associationsOf[from] = byType = [];
        if (!byType.TryGetValue(parts[2], out var ids))
            byType[parts[2]] = ids = [];
        ids.Add(parts[3]);
    }
}

/// <summary>The records and property definitions of one object type.</summary>
public sealed class ObjectTable
{
    public Dictionary<string, RecordState> Records { get; init; } = [];

    public Dictionary<string, PropertyState> Properties { get; init; } = [];

    // property -> value without case -> record id; archived records give their values free.
    private readonly Dictionary<string, Dictionary<string, string>> _unique = [];

    internal string? IdByUnique(string property, string value) =>
        _unique.GetValueOrDefault(property)?.GetValueOrDefault(value);

    internal void SetUnique(string property, string? before, string? after, string id)
    {
        if (!_unique.TryGetValue(property, out var values))
            _unique[property] = values = new(StringComparer.OrdinalIgnoreCase);
        if (!string.IsNullOrEmpty(before) && values.GetValueOrDefault(before) == id)
            values.Remove(before);
        if (!string.IsNullOrEmpty(after))
            values[after] = id;
    }

    internal IEnumerable<string> UniqueProperties() => Properties.Values.Where(p => p.HasUniqueValue).Select(p => p.Name);

    internal void Reindex()
    {
        _unique.Clear();
        foreach (var record in Records.Values.Where(r => !r.Archived))
        {
            foreach (var property in UniqueProperties())
                SetUnique(property, null, record.Properties.GetValueOrDefault(property), record.Id);
        }
    }
}

public sealed class RecordState
{
    public required string Id { get; set; }

    public Dictionary<string, string> Properties { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    public bool Archived { get; set; }
}

public sealed class PropertyState
{
    public required string Name { get; init; }

    public string Label { get; set; } = "";

    public string Type { get; init; } = "string";

    public string FieldType { get; set; } = "text";

    public string GroupName { get; set; } = "";

    public string Description { get; set; } = "";

    public bool HasUniqueValue { get; init; }

    public bool ReadOnlyValue { get; init; }

    public bool Custom { get; init; }

    public List<OptionState> Options { get; set; } = [];

    public bool Archived { get; set; }
}

public sealed record OptionState(string Label, string Value, int DisplayOrder = 0, bool Hidden = false);

public sealed class PipelineState
{
    public required string Id { get; init; }

    public required string Label { get; init; }

    public int DisplayOrder { get; init; }

    public List<StageState> Stages { get; init; } = [];
}

public sealed record StageState(string Id, string Label, int DisplayOrder, Dictionary<string, string> Metadata);
