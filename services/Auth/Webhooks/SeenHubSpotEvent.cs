namespace HubSpotBus.Auth.Webhooks;

/// <summary>An event that has been told to its subscriptions: HubSpot may tell it again for a day.</summary>
public sealed class SeenHubSpotEvent
{
    public required string Key { get; init; }

    public required DateTimeOffset SeenAt { get; init; }
}
