namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact of Auth: the connection works again.</summary>
public sealed record ConnectionResumed
{
    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }
}
