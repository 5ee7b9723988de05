namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact of Auth: the connection works again.</summary>
public sealed record ConnectionResumed
{
    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; null from a version that did not tell.</summary>
    public int? Attempt { get; init; }
}
