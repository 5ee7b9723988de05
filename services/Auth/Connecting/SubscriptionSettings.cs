using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Connecting;

/// <summary>What Auth needs to know of a subscription.</summary>
public sealed class SubscriptionSettings : IVersioned
{
    private const string Own = "own/";

    public required Guid SubscriptionId { get; init; }

    public long Revision { get; set; }

    public string Name { get; set; } = "";

    public string HubKey { get; set; } = "";

    public string MappingSet { get; set; } = "";

    public string HubSpotApiVersion { get; set; } = "";

    public Uri ApiUrl { get; set; } = new("https://api.hubapi.com");

    public int ThrottleLimit { get; set; }

    public int ThrottleSeconds { get; set; }

    public int ConcurrentConnections { get; set; }

    public int Version { get; set; }

    /// <summary>The subscription's own limit among all limits.</summary>
    public string LimitKey => $"{Own}{SubscriptionId:N}";

    /// <summary>The subscription whose own limit it is; null for HubSpot's limits.</summary>
    public static Guid? OfLimit(string key) =>
        key.StartsWith(Own, StringComparison.Ordinal) && Guid.TryParseExact(key[Own.Length..], "N", out var subscription) ? subscription : null;

    /// <summary>Takes the settings over; false when newer ones are already here.</summary>
    public bool Take(SubscriptionSaved saved)
    {
        if (saved.Revision <= Revision)
            return false;
        Revision = saved.Revision;
        Name = saved.Name;
        HubKey = saved.HubKey;
        MappingSet = saved.Transfers.MappingSet;
        HubSpotApiVersion = saved.HubSpotApiVersion;
        ApiUrl = saved.ApiUrl;
        ThrottleLimit = Math.Max(1, saved.ThrottleLimit);
        ThrottleSeconds = Math.Clamp(saved.ThrottleSeconds, 1, 60);
        ConcurrentConnections = Math.Clamp(saved.ConcurrentConnections, 1, 10);
        return true;
    }
}
