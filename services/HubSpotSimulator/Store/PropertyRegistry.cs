namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The property definitions of one type. Callers hold the portal's gate.</summary>
internal sealed class PropertyRegistry
{
    private readonly Dictionary<string, PropertyDefinition> _definitions = new(StringComparer.Ordinal);

    public List<PropertyGroup> Groups { get; } = [];

    public IEnumerable<PropertyDefinition> All => _definitions.Values;

    public PropertyDefinition? Find(string name) => _definitions.GetValueOrDefault(name) is { ArchivedAt: null } definition
        ? definition
        : null;

    public PropertyDefinition? FindArchived(string name) =>
        _definitions.GetValueOrDefault(name) is { ArchivedAt: not null } definition ? definition : null;

    public void Put(PropertyDefinition definition) => _definitions[definition.Name] = definition;
}
