using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.HubSpotApp;

/// <summary>What HubSpot says to client id and secret.</summary>
public sealed record AppVerdict(bool Accepted, string Says)
{
    /// <summary>True when HubSpot could not be asked; then nothing is known.</summary>
    public bool Unknown { get; init; }
}

/// <summary>
/// Offers HubSpot's token endpoint a code that nobody issued. It holds something against the code when it accepts the app, and against the
/// app when it does not.
/// </summary>
public sealed class TestApp(HubSpotAttempts attempts, IOptions<HubSpotAppOptions> options)
{
    public async Task<AppVerdict> AskAsync(string clientId, Secret clientSecret, Uri redirectUrl, CancellationToken cancellation)
    {
        var app = options.Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.ApiUrl, $"oauth/{app.OAuthVersion}/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["code"] = "a-test-of-client-id-and-secret",
                ["redirect_uri"] = redirectUrl.AbsoluteUri,
                ["client_id"] = clientId,
                ["client_secret"] = clientSecret.Reveal(),
            }),
        };
        return TokenAnswer.Judge(await attempts.SendAsync(request, cancellation)) switch
        {
            TokenOutcome.Granted or TokenOutcome.GrantRefused => new AppVerdict(true, "HubSpot knows this client id and secret."),
            TokenOutcome.AppRefused(var says) => new AppVerdict(false,
                $"HubSpot does not accept them: {says}. Copy both again from the app's Auth page in HubSpot, and compare the redirect URL {redirectUrl}."),
            TokenOutcome.Unanswered(var reason) => new AppVerdict(false, $"HubSpot could not be asked: {reason}. Try again in a moment.") { Unknown = true },
            var other => throw new NotSupportedException(other.ToString()),
        };
    }
}
