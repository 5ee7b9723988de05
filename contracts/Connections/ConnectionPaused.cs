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
}
