namespace HubSpotBus.Contracts.Connections;

/// <summary>Order to Mapping: find the dropdown properties that the settings name for the customer category.</summary>
public sealed record ResolveCategories
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }
}
