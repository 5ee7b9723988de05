namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact of Auth: the operator approved, and tokens (or a static token) are stored. Starts the connecting saga.</summary>
public sealed record ConnectionAuthorised
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }
}
