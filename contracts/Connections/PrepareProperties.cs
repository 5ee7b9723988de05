namespace HubSpotBus.Contracts.Connections;

/// <summary>Order to Mapping: see that HubSpot has our own key properties, and learn which properties and pipelines there are.</summary>
public sealed record PrepareProperties
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Key of the hub, for logs and labels.</summary>
    public required string HubKey { get; init; }
}
