using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Tokens;

/// <summary>A grant that the subscription has no use for any more. Kept until HubSpot took it back.</summary>
public sealed class GrantToRevoke : IVersioned
{
    public required Guid Id { get; init; }

    public required Guid SubscriptionId { get; init; }

    public long? HubSpotAccountId { get; init; }

    /// <summary>Encrypted.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>When it is to be tried next; while one replica tries, the others do not.</summary>
    public required DateTimeOffset TryAt { get; set; }

    public int Tries { get; set; }

    public int Version { get; set; }
}
