namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact of Auth: records of a subscription's HubSpot account changed, each change told once, at most 100 at a time.</summary>
public sealed record HubSpotRecordsChanged
{
    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Id of the HubSpot account (portal).</summary>
    public required long HubSpotAccountId { get; init; }

    /// <summary>HubSpot's name of the object type, such as "contacts" or "orders"; the type id where the type has no name, as "2-3453932".</summary>
    public required string ObjectType { get; init; }

    /// <summary>What changed, in no order.</summary>
    public required IReadOnlyList<HubSpotChange> Changes { get; init; }
}
