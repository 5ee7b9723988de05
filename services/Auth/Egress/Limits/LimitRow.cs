using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Egress.Limits;

/// <summary>A limit over all replicas as it is kept.</summary>
public sealed class LimitRow : IVersioned
{
    public required string Key { get; init; }

    public SharedLimit Limit { get; set; } = new();

    public DateTimeOffset HeardAt { get; set; }

    public int Version { get; set; }
}
