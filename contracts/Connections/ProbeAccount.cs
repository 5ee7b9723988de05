namespace HubSpotBus.Contracts.Connections;

/// <summary>Order to Auth: find out again what the account can do, under the grant that there is. Records go on flowing meanwhile.</summary>
public sealed record ProbeAccount
{
    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }
}
