namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact: what the account has already is known to a service.</summary>
public sealed record RecordsAdopted
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Name of the order that this answers.</summary>
    public required string Step { get; init; }
}
