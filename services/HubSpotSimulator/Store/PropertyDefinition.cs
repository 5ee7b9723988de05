namespace HubSpotBus.HubSpotSimulator.Store;

public sealed record PropertyOption(string Label, string Value, int DisplayOrder = -1, bool Hidden = false, string Description = "");

public sealed record PropertyDefinition
{
    public required string Name { get; init; }

    public required string Label { get; init; }

    public required string Type { get; init; }

    public required string FieldType { get; init; }

    public required string GroupName { get; init; }

    public string Description { get; init; } = "";

    public int DisplayOrder { get; init; } = -1;

    public bool HasUniqueValue { get; init; }

    public bool Hidden { get; init; }

    public bool FormField { get; init; }

    /// <summary>HubSpot computes the value; writing it is refused.</summary>
    public bool Calculated { get; init; }

    /// <summary>The options live elsewhere: pipelines, stages, owners.</summary>
    public bool ExternalOptions { get; init; }

    public bool HubSpotDefined { get; init; }

    public IReadOnlyList<PropertyOption> Options { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? ArchivedAt { get; init; }
}

public sealed record PropertyGroup(string Name, string Label, int DisplayOrder = -1);
