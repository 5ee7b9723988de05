using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.OAuth;

internal static class BearerTokens
{
    private const string NotFound = "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        + "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview";

    /// <summary>Ties the call to the portal of its token, or refuses it with HubSpot's 401.</summary>
    public static void Authorise(ApiCall call)
    {
        var access = Require(call, grant => call.Store.Find(grant.PortalId) is not null);
        call.Authorise(access, call.Store.Portal(access.Grant.PortalId));
    }

    /// <summary>The token has to be one of the app itself.</summary>
    public static void RequireApp(ApiCall call) => Require(call, grant => grant.PortalId == Grant.NoPortal);

    private static AccessToken Require(ApiCall call, Func<Grant, bool> fits)
    {
        if (In(call.Authorization) is not { } token || call.Store.Grants.FindAccess(token) is not { } access || !fits(access.Grant))
        {
            throw In(call.Authorization) is not null && call.Store.Options.UnknownTokensAreExpired
                ? Expired(call, DateTimeOffset.UnixEpoch)
                : NoCredentials();
        }

        return access.ExpiresAt > call.Now ? access : throw Expired(call, access.ExpiresAt);
    }

    public static Refusal NoCredentials() => Refusal.Of(401, "INVALID_AUTHENTICATION", NotFound);

    private static Refusal Expired(ApiCall call, DateTimeOffset at) => Refusal.Of(
        401,
        "EXPIRED_AUTHENTICATION",
        $"The OAuth token used to make this call expired {(long)(call.Now - at).TotalSeconds} second(s) ago.",
        context: new JsonObject { ["expire time"] = new JsonArray(Json.Time(at)) });

    /// <summary>The token of an Authorization header.</summary>
    public static string? In(string? authorization) =>
        authorization is not null && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? authorization["Bearer ".Length..].Trim()
            : null;

    /// <summary>The account that a call is about; of OAuth's calls, that of the code or token they bring.</summary>
    public static long? AccountOf(ApiCall call) => ((string?[])
        [
            In(call.Authorization), call.FormText("code"), call.FormText("refresh_token"), call.FormText("token"), call.FormText("access_token"),
            call.Route("token"), call.Body.Text("tokenKey"),
        ])
        .Select(secret => secret is { Length: > 0 } ? call.Store.Grants.PortalOf(secret) : null)
        .FirstOrDefault(portal => portal is not null);
}
