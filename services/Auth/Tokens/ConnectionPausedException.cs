namespace HubSpotBus.Auth.Tokens;

/// <summary>No call can be made for the subscription until somebody, or time, has done something.</summary>
public sealed class ConnectionPausedException(string reason, DateTimeOffset? until = null) : Exception(reason)
{
    public DateTimeOffset? Until { get; } = until;
}

/// <summary>HubSpot gave no new access token just now; the call was not made and may be tried again.</summary>
public sealed class TokenNotRefreshedException(string reason) : Exception(reason);
