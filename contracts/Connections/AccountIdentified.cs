namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact: the HubSpot account behind the connection is known.</summary>
public sealed record AccountIdentified
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Id of the HubSpot account (portal).</summary>
    public required long HubSpotAccountId { get; init; }

    /// <summary>Number of the connect that moved the subscription to this account; 0 when it never moved.</summary>
    public int LinksSince { get; init; }

    /// <summary>What is known of the account so far.</summary>
    public required AccountAbilities Account { get; init; }
}
