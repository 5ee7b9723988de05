using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.HubSpotApp;
using HubSpotBus.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Tokens;

/// <summary>Calls of HubSpot's token endpoints. They count against the subscription's throttle like any other call.</summary>
public sealed class TokenRequests(HubSpotAttempts attempts, AppCredentials credentials, IOptions<HubSpotAppOptions> app)
{
    // It has no version of its own.
    private const string StaticInfo = "oauth/v2/private-apps/get/access-token-info";

    public async Task<TokenOutcome> ExchangeAsync(
        LiveConnection connection, string code, Uri redirectUrl, Secret? verifier, CancellationToken cancellation)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirectUrl.AbsoluteUri,
        };
        if (verifier is not null)
            form["code_verifier"] = verifier.Reveal();
        return (await AskAsync(connection, () => Task.FromResult<Dictionary<string, string>?>(form), cancellation))!;
    }

    /// <summary>New tokens for the refresh token that is claimed once the permit is there; null when there is none to be claimed then.</summary>
    public Task<TokenOutcome?> RefreshAsync(LiveConnection connection, Func<Task<Secret?>> claim, CancellationToken cancellation) =>
        AskAsync(connection, async () => await claim() is not { } refreshToken ? null : new()
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refreshToken.Reveal(),
        }, cancellation);

    /// <summary>What an access token was granted for; null when HubSpot does not say.</summary>
    public async Task<string?> ScopesAsync(LiveConnection connection, Secret accessToken, CancellationToken cancellation)
    {
        if (await credentials.FindAsync(cancellation) is not { } credential)
            return null;
        try
        {
            // HubSpot's file and its text differ about the field's name.
            foreach (var field in new[] { "token", "access_token" })
            {
                var attempt = await PostAsync(connection, credential, "token/introspect", () => Task.FromResult<Dictionary<string, string>?>(new()
                {
                    [field] = accessToken.Reveal(),
                    ["token_type_hint"] = "access_token",
                }), cancellation);
                if (TokenAnswer.ScopesOf(attempt!) is { } scopes)
                    return scopes;
            }
        }
        catch (CallThrottledException)
        {
            // Not said, then.
        }

        return null;
    }

    /// <summary>What a static token was given; null when HubSpot does not say.</summary>
    public async Task<string?> ScopesOfStaticAsync(LiveConnection connection, CancellationToken cancellation)
    {
        try
        {
            var attempt = await attempts.TryAsync(connection, new CallKind(Lane.Token, "token"), search: false, () => ValueTask.FromResult(
                connection.View.AccessToken is not { } token ? null : new HttpRequestMessage(HttpMethod.Post, new Uri(connection.View.ApiUrl, StaticInfo))
                {
                    Content = JsonContent.Create(new { tokenKey = token.Reveal() }),
                }), cancellation);
            return attempt is null ? null : TokenAnswer.ScopesOf(attempt);
        }
        catch (Exception unsaid) when (unsaid is CallThrottledException or ConnectionPausedException)
        {
            return null;
        }
    }

    /// <summary>Revokes the grant of the refresh token, unless there is none to be revoked once the permit is there. Whether that is over, and how it went.</summary>
    public async Task<(bool Over, string Says)> RevokeAsync(LiveConnection connection, Func<Task<Secret?>> refreshToken, CancellationToken cancellation)
    {
        if (await credentials.FindAsync(cancellation) is not { } credential)
            return (false, "no client id and secret are known here");
        try
        {
            var attempt = await PostAsync(connection, credential, "token/revoke", async () => await refreshToken() is not { } token ? null : new()
            {
                ["token"] = token.Reveal(),
                ["token_type_hint"] = "refresh_token",
            }, cancellation);
            return attempt switch
            {
                null => (true, "left to another connection that uses it too"),
                { Status: >= 200 and < 300 } => (true, "revoked at HubSpot"),
                { Status: 404 } => (true, "HubSpot does not know it"),
                _ => TokenAnswer.Judge(attempt) is TokenOutcome.GrantRefused(var dead) ? (true, dead) : (false, attempt.Describe()),
            };
        }
        catch (Exception later) when (later is CallThrottledException or ConnectionPausedException)
        {
            return (false, later.Message);
        }
    }

    private async Task<TokenOutcome?> AskAsync(
        LiveConnection connection, Func<Task<Dictionary<string, string>?>> form, CancellationToken cancellation)
    {
        if (await credentials.FindAsync(cancellation) is not { } credential)
            return new TokenOutcome.AppRefused("no client id and secret are known here");
        try
        {
            return await PostAsync(connection, credential, "token", form, cancellation) is { } attempt ? TokenAnswer.Judge(attempt) : null;
        }
        catch (CallThrottledException throttled)
        {
            return new TokenOutcome.Unanswered(throttled.Message);
        }
    }

    // The form is filled in once the permit is there; null when there is nothing to be asked then.
    private Task<Attempt?> PostAsync(
        LiveConnection connection, AppCredential credential, string endpoint, Func<Task<Dictionary<string, string>?>> form, CancellationToken cancellation) =>
        attempts.TryAsync(connection, new CallKind(Lane.Token, "token"), search: false, async () =>
        {
            if (await form() is not { } fields)
                return null;
            fields["client_id"] = credential.ClientId;
            fields["client_secret"] = credential.ClientSecret.Reveal();
            return new HttpRequestMessage(HttpMethod.Post, new Uri(connection.View.ApiUrl, $"oauth/{app.Value.OAuthVersion}/{endpoint}"))
            {
                Content = new FormUrlEncodedContent(fields),
            };
        }, cancellation);
}
