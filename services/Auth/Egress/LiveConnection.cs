using HubSpotBus.Auth.Tokens;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Egress;

/// <summary>A subscription's connection in memory: what a call needs, without asking the store.</summary>
public sealed class LiveConnection(Guid subscriptionId, ConnectionView view, CallLine line)
{
    private volatile ConnectionView _view = view;

    public Guid SubscriptionId { get; } = subscriptionId;

    /// <summary>Replaced whole whenever settings or tokens change.</summary>
    public ConnectionView View
    {
        get => _view;
        set => _view = value;
    }

    /// <summary>When the view was read, by a monotonic clock.</summary>
    public long ReadAt { get; set; }

    public CallLine Line { get; } = line;

    public RefreshInFlight Refreshing { get; } = new();

    public CallCounts Counts { get; } = new();
}

/// <summary>The refresh that callers share.</summary>
public sealed class RefreshInFlight
{
    public Task<Secret>? Flight { get; set; }
}

/// <summary>Settings and grant as they are now.</summary>
public sealed record ConnectionView
{
    public required Uri ApiUrl { get; init; }

    public required bool ApiUrlAllowed { get; init; }

    public required string ApiVersion { get; init; }

    public required string HubKey { get; init; }

    public required string MappingSet { get; init; }

    public ConnectionState State { get; init; } = ConnectionState.Disconnected;

    public string? Reason { get; init; }

    public DateTimeOffset? Until { get; init; }

    public int Attempt { get; init; }

    public bool IsStatic { get; init; }

    public Secret? AccessToken { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public long? HubSpotAccountId { get; init; }

    /// <summary>Whether the tokens may be another account's than the one above.</summary>
    public bool AccountUnproven { get; init; }

    /// <summary>The account's, such as "Europe/Berlin"; null until it is known.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Why no call can be made now; null when calls go through.</summary>
    public string? Refusal(DateTimeOffset now) => this switch
    {
        { ApiUrlAllowed: false } => $"The API URL {ApiUrl} is not one that tokens may be sent to. Correct it in the subscription's settings.",
        { State: ConnectionState.Connected } => null,
        { State: ConnectionState.Moving } when Until <= now => null,
        _ => Reason ?? "The subscription is not connected to HubSpot. Connect it.",
    };
}
