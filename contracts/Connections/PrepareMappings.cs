namespace HubSpotBus.Contracts.Connections;

/// <summary>Order to Mapping: see that the subscription has its mapping collections.</summary>
public sealed record PrepareMappings
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Name of the mapping set to make.</summary>
    public required string MappingSet { get; init; }
}
