namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact of Auth: the subscription is connected and ready; records may flow.</summary>
public sealed record SubscriptionConnected
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Id of the HubSpot account (portal).</summary>
    public required long HubSpotAccountId { get; init; }

    /// <summary>What the account can do.</summary>
    public required AccountAbilities Account { get; init; }
}
