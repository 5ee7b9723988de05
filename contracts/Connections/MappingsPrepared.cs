namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact: the subscription's mapping collections are there.</summary>
public sealed record MappingsPrepared
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }
}
