using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Tokens;

/// <summary>What came of asking HubSpot for tokens.</summary>
public abstract record TokenOutcome
{
    public sealed record Granted(GrantedTokens Tokens) : TokenOutcome;

    /// <summary>The grant is dead or the code is not good: a person has to approve again.</summary>
    public sealed record GrantRefused(string HubSpotSays) : TokenOutcome;

    /// <summary>Client id, secret, redirect URL or scopes are not what HubSpot has for the app.</summary>
    public sealed record AppRefused(string HubSpotSays) : TokenOutcome;

    /// <summary>No usable answer; trying again may help.</summary>
    public sealed record Unanswered(string Reason) : TokenOutcome;
}

public sealed record GrantedTokens
{
    public required Secret AccessToken { get; init; }

    public Secret? RefreshToken { get; init; }

    public required TimeSpan ExpiresIn { get; init; }

    public long? HubSpotAccountId { get; init; }

    public string? Scopes { get; init; }
}
