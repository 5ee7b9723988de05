namespace HubSpotBus.Contracts.Connections;

/// <summary>That something happened to a HubSpot record. Which value it has now is to be read from HubSpot: changes come late and in any order.</summary>
public sealed record HubSpotChange
{
    /// <summary>HubSpot's id of the record; of a merge, the id of the record that is left.</summary>
    public required string ObjectId { get; init; }

    /// <summary>What happened.</summary>
    public required HubSpotChangeKind Kind { get; init; }

    /// <summary>When it happened, by HubSpot's clock.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>HubSpot's name of the changed property, for <see cref="HubSpotChangeKind.PropertyChanged"/>.</summary>
    public string? Property { get; init; }

    /// <summary>Ids that lead to <see cref="ObjectId"/> since a merge.</summary>
    public IReadOnlyList<string> MergedObjectIds { get; init; } = [];

    /// <summary>The record at the other end, for <see cref="HubSpotChangeKind.AssociationChanged"/>.</summary>
    public string? AssociatedObjectId { get; init; }

    /// <summary>HubSpot's word for who did it, such as CRM_UI or INTEGRATION.</summary>
    public string? Source { get; init; }

    /// <summary>Which person or app did it, as HubSpot writes it: "userId:123", or the app's id.</summary>
    public string? SourceId { get; init; }
}
