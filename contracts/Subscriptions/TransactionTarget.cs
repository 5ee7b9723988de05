namespace HubSpotBus.Contracts.Subscriptions;

/// <summary>The HubSpot object that a transaction becomes.</summary>
public enum TransactionTarget
{
    /// <summary>An order (the default).</summary>
    Order,

    /// <summary>A deal.</summary>
    Deal,
}
