using System.Text.Json.Serialization;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Tokens;

/// <summary>How a connection stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConnectionState>))]
public enum ConnectionState
{
    /// <summary>Calls go through.</summary>
    Connected,

    /// <summary>HubSpot moves the account; goes on by itself.</summary>
    Moving,

    /// <summary>HubSpot refuses the app's client id or secret; goes on when the configuration is right.</summary>
    Misconfigured,

    /// <summary>HubSpot refuses the grant or token; a person has to connect again.</summary>
    Revoked,

    /// <summary>An operator disconnected it.</summary>
    Disconnected,
}

/// <summary>The OAuth grant or static token behind a subscription. Tokens are kept encrypted.</summary>
public sealed class Connection : IVersioned
{
    public required Guid SubscriptionId { get; init; }

    public ConnectionState State { get; set; }

    /// <summary>Why it is not connected, and what to do.</summary>
    public string? Reason { get; set; }

    /// <summary>When a moving account is to be tried again.</summary>
    public DateTimeOffset? Until { get; set; }

    /// <summary>Grows with every connect.</summary>
    public int Attempt { get; set; }

    public bool IsStatic { get; set; }

    public string? AccessToken { get; set; }

    public string? RefreshToken { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? LastRefreshAt { get; set; }

    public string? Scopes { get; set; }

    /// <summary>Stays when disconnected: the subscription's records live in this account, and another one must not take its place.</summary>
    public long? HubSpotAccountId { get; set; }

    public int Version { get; set; }
}
