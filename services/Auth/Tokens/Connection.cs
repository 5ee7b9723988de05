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

    /// <summary>Until when a replica that refreshes the tokens has them to itself.</summary>
    public DateTimeOffset? RefreshingUntil { get; set; }

    public string? Scopes { get; set; }

    /// <summary>Stays when disconnected: the subscription's records live in this account, and another one takes its place only after confirmation.</summary>
    public long? HubSpotAccountId { get; set; }

    /// <summary>The account's time zone: at its midnight the calls of the day are counted anew.</summary>
    public string? TimeZone { get; set; }

    /// <summary>
    /// Whether nobody has said yet whose account the tokens lead to. Until then no call goes out with them but the one that asks, however often
    /// the connection is paused and resumed meanwhile.
    /// </summary>
    public bool AccountUnproven { get; set; }

    /// <summary>The account that the operator confirmed for the present connect, besides the one above.</summary>
    public long? OtherAccount { get; set; }

    /// <summary>The connect that moved the subscription to its account: links made before it are another account's. 0 when it never moved.</summary>
    public int LinksSince { get; set; }

    /// <summary>Whether the records may live in this account: the first one, the same one, or the confirmed one. Moves the connection there.</summary>
    public bool TakeAccount(long account)
    {
        if (HubSpotAccountId is { } tied && tied != account)
        {
            if (OtherAccount != account)
                return false;
            LinksSince = Attempt;
        }

        (HubSpotAccountId, AccountUnproven) = (account, false);
        return true;
    }

    public int Version { get; set; }
}
