namespace HubSpotBus.Contracts.Connections;

/// <summary>One event of a webhook, as HubSpot signed it, without the values that it carried.</summary>
public sealed record HubSpotEvent
{
    /// <summary>The same for the same event, however often HubSpot tells it.</summary>
    public required string Key { get; init; }

    /// <summary>Id of the HubSpot account (portal).</summary>
    public required long HubSpotAccountId { get; init; }

    /// <summary>As in <see cref="HubSpotRecordsChanged"/>.</summary>
    public required string ObjectType { get; init; }

    /// <summary>What happened.</summary>
    public required HubSpotChange Change { get; init; }
}
