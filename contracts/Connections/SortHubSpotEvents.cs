namespace HubSpotBus.Contracts.Connections;

/// <summary>Order to Auth: tell the events of a webhook, those that are new, to the subscriptions whose account they are about.</summary>
public sealed record SortHubSpotEvents
{
    /// <summary>The events of one request.</summary>
    public required IReadOnlyList<HubSpotEvent> Events { get; init; }
}
