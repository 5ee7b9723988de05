namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact of Auth: HubSpot refuses the connection (revoked, scope missing, account moving). Transfers stay pending.</summary>
public sealed record ConnectionPaused
{
    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>What happened and what to do about it.</summary>
    public required string Reason { get; init; }

    /// <summary>When it resumes by itself; null when a person has to reconnect.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Number of the connect that this belongs to; null from a version that did not tell.</summary>
    public int? Attempt { get; init; }
}
