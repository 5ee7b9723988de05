namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The whole store as it is written to the file.</summary>
internal sealed record State
{
    public required long LastId { get; init; }

    public required IReadOnlyList<PortalState> Portals { get; init; }

    public required IReadOnlyList<Grant> Grants { get; init; }

    public required IReadOnlyList<AccessTokenState> AccessTokens { get; init; }
}

internal sealed record PortalState
{
    public required long Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<TypeState> Types { get; init; }

    public required IReadOnlyList<AssociationState> Associations { get; init; }

    /// <summary>The account's own association labels.</summary>
    public IReadOnlyList<LabelState> Labels { get; init; } = [];

    public IReadOnlyList<string> Blocklist { get; init; } = [];

    /// <summary>Ties of records in the recycle bin, one way.</summary>
    public IReadOnlyList<AssociationState> Buried { get; init; } = [];
}

internal sealed record TypeState
{
    public required string Type { get; init; }

    public required IReadOnlyList<CrmRecord> Records { get; init; }

    public required IReadOnlyList<CrmRecord> Archived { get; init; }

    public IReadOnlyDictionary<long, long> MergedInto { get; init; } = new Dictionary<long, long>();

    public required IReadOnlyList<PropertyDefinition> Properties { get; init; }

    public required IReadOnlyList<PropertyGroup> Groups { get; init; }

    public required IReadOnlyList<Pipeline> Pipelines { get; init; }
}

internal sealed record AssociationState(string From, string FromId, string To, string ToId, IReadOnlyList<int> Types);

internal sealed record LabelState(string From, string To, int Id, int InverseId, string Label);

internal sealed record AccessTokenState(string Token, Grant Grant, DateTimeOffset ExpiresAt);
