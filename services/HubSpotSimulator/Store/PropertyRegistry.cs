namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The property definitions of one type. Callers hold the portal's gate.</summary>
internal sealed class PropertyRegistry
{
    private readonly Dictionary<string, PropertyDefinition> _definitions = new(StringComparer.Ordinal);

    private HashSet<string> _hidden = [];

    public const int MostUnique = 10;

    public const int MostOwn = 1000;

    private const string OthersPrefix = "other_app_key_";

    public List<PropertyGroup> Groups { get; } = [];

    public IEnumerable<PropertyDefinition> All => _definitions.Values.Where(d => !_hidden.Contains(d.Name));

    public PropertyDefinition Known(string name) => _definitions[name];

    public PropertyDefinition? Find(string name) => !_hidden.Contains(name) && _definitions.GetValueOrDefault(name) is { ArchivedAt: null } definition
        ? definition
        : null;

    public PropertyDefinition? FindArchived(string name) =>
        _definitions.GetValueOrDefault(name) is { ArchivedAt: not null } definition ? definition : null;

    public bool IsFullOfUnique => All.Count(p => p is { HasUniqueValue: true, ArchivedAt: null }) >= MostUnique;

    /// <summary>Fills the unique properties up to the limit, or takes away what this filled up.</summary>
    public void TakeUnique(bool taken, DateTimeOffset now)
    {
        foreach (var name in _definitions.Keys.Where(n => !taken && n.StartsWith(OthersPrefix, StringComparison.Ordinal)).ToList())
        {
            _definitions.Remove(name);
        }

        for (var i = 1; taken && !IsFullOfUnique; i++)
        {
            Put(new()
            {
                Name = OthersPrefix + i,
                Label = $"Key {i} of another app",
                Type = "string",
                FieldType = "text",
                GroupName = Groups[0].Name,
                HasUniqueValue = true,
                CreatedAt = now,
                UpdatedAt = now,
            });
        }
    }

    /// <summary>As if these were not there; all others are.</summary>
    public void Hide(IEnumerable<string> names) => _hidden = [.. names];

    public void Put(PropertyDefinition definition) => _definitions[definition.Name] = definition;
}
