using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.OAuth;

internal static class TokenEndpoints
{
    public const int AppId = 1234444;

    // As the official files have them, and as the guide has them.
    private static readonly string[] JournalScopes = ["webhooks-journal-", "developer.webhooks_journal."];

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "/oauth/{ver}/token", new("oauth.token", NeedsToken: false), call => AsEver(call, Token));
        routes.MapCall("POST", "/oauth/{ver}/token/introspect", new("oauth.introspect", NeedsToken: false), Introspect);
        routes.MapCall("POST", "/oauth/{ver}/token/revoke", new("oauth.revoke", NeedsToken: false), Revoke);
        routes.MapCall("GET", "/oauth/{ver}/access-tokens/{token}", new("oauth.token-info", NeedsToken: false), AccessTokenInfo);
        routes.MapCall("GET", "/oauth/{ver}/refresh-tokens/{token}", new("oauth.token-info", NeedsToken: false), RefreshTokenInfo);
        routes.MapCall("DELETE", "/oauth/{ver}/refresh-tokens/{token}", new("oauth.revoke", NeedsToken: false), RevokeRefreshToken);
        routes.MapCall("POST", "/oauth/{ver}/private-apps/get/access-token-info", new("oauth.static-info", NeedsToken: false), StaticInfo);
        routes.MapCall("DELETE", "/appinstalls/{ver}/external-install", new("app.uninstall"), Uninstall);
    }

    private static Answer Token(ApiCall call)
    {
        CheckClient(call);
        var grants = call.Store.Grants;
        var asked = call.FormText("scope").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (call.FormText("grant_type") == "client_credentials")
        {
            return OfTheApp(call, asked);
        }

        var grant = call.FormText("grant_type") switch
        {
            "authorization_code" => Redeem(call),
            "refresh_token" => grants.FindGrant(call.FormText("refresh_token"))
                ?? throw Refuse("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked"),
            _ => throw Refuse("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type"),
        };
        CheckScopes(asked, grant.Scopes.Contains);
        var portal = call.Store.Find(grant.PortalId) ?? throw Refuse("BAD_HUB", "access_denied", "missing or unknown hub id");

        var access = grants.Issue(grant);
        call.Store.Touch();
        return Answer.Ok(new JsonObject
        {
            ["token_type"] = "bearer",
            ["refresh_token"] = grant.RefreshToken,
            ["access_token"] = access.Token,
            ["hub_id"] = grant.PortalId,
            ["user_id"] = grant.UserId,
            ["scopes"] = Json.Strings(Scopes.Granted(grant, portal)),
            ["expires_in"] = call.Store.Options.TokenLifetimeSeconds,
            ["token_use"] = "access_token",
            ["id_token"] = null,
        });
    }

    /// <summary>A token of the app and no account's: it opens the webhooks journal, and nothing of the CRM.</summary>
    private static Answer OfTheApp(ApiCall call, string[] asked)
    {
        CheckScopes(asked, scope => JournalScopes.Any(prefix => scope.StartsWith(prefix, StringComparison.Ordinal)));
        if (asked.Length == 0)
        {
            throw BadScopes("none");
        }

        var access = call.Store.Grants.Issue(new Grant("", Grant.NoPortal, 0, "", asked));
        call.Store.Touch();
        return Answer.Ok(new JsonObject
        {
            ["token_type"] = "bearer",
            ["access_token"] = access.Token,
            ["scopes"] = Json.Strings(asked),
            ["expires_in"] = call.Store.Options.TokenLifetimeSeconds,
            ["token_use"] = "access_token",
        });
    }

    private static void CheckScopes(string[] asked, Func<string, bool> mayHave)
    {
        if (asked.FirstOrDefault(scope => !mayHave(scope)) is { } wrong)
        {
            throw BadScopes(wrong);
        }
    }

    private static Refusal BadScopes(string scope) => Refuse("BAD_SCOPES", "invalid_scope", $"missing or invalid scopes: {scope}");

    private static Grant Redeem(ApiCall call)
    {
        var code = call.Store.Grants.TakeCode(call.FormText("code"))
            ?? throw Refuse("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code");
        if (code.RedirectUri != call.FormText("redirect_uri"))
        {
            throw Refuse("BAD_REDIRECT_URI", "invalid_grant", "missing or wrong redirect uri");
        }

        return call.Store.Options.IgnoresProofKeys || Challenge(call.FormText("code_verifier")) == code.CodeChallenge
            ? call.Store.Grants.Grant(code)
            : throw Refuse("BAD_CODE_VERIFIER", "invalid_grant", "missing or wrong code verifier");
    }

    // A code that was asked for without a challenge takes no verifier.
    private static string Challenge(string verifier) =>
        verifier.Length == 0 ? "" : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private static Answer Introspect(ApiCall call)
    {
        CheckClient(call);
        var (token, field) = ((string[])["token", "access_token", "refresh_token"])
            .Select(f => (call.FormText(f), f))
            .FirstOrDefault(f => f.Item1.Length > 0, ("", ""));
        var access = call.Store.Grants.FindAccess(token) is { } found && found.ExpiresAt > call.Now ? found : null;
        if ((access?.Grant ?? call.Store.Grants.FindGrant(token)) is not { } grant
            || (call.Store.Find(grant.PortalId) is null && grant.PortalId != Grant.NoPortal)
            || !IsAskedRight(call.Store.Find(grant.PortalId)?.Switches.IntrospectionField ?? IntrospectionField.Any, field))
        {
            return Answer.Ok(new JsonObject { ["active"] = false });
        }

        var body = new JsonObject
        {
            ["active"] = true,
            ["token"] = token,
            ["client_id"] = call.Store.Options.ClientId,
            ["app_id"] = AppId,
            ["scopes"] = ScopesOf(call, grant),
            ["token_use"] = access is null ? "refresh_token" : "access_token",
            ["token_type"] = "Bearer",
        };
        if (grant.PortalId != Grant.NoPortal)
        {
            body["hub_id"] = grant.PortalId;
            body["user_id"] = grant.UserId;
            body["user"] = grant.Email;
            body["hub_domain"] = $"{grant.PortalId}.example.com";
        }

        if (access is not null)
        {
            body["expires_in"] = access.IsStatic ? int.MaxValue : (int)(access.ExpiresAt - call.Now).TotalSeconds;
            body["is_private_distribution"] = false;
            body["signed_access_token"] = new JsonObject
            {
                ["expiresAt"] = access.IsStatic ? long.MaxValue : access.ExpiresAt.ToUnixTimeMilliseconds(),
                ["hubId"] = grant.PortalId,
                ["userId"] = grant.UserId,
                ["appId"] = AppId,
                ["hublet"] = "na1",
                ["scopes"] = "",
                ["signature"] = "",
                ["isUserLevel"] = false,
                ["isPrivateDistribution"] = false,
            };
        }

        return Answer.Ok(body);
    }

    private static bool IsAskedRight(IntrospectionField expected, string field) => expected switch
    {
        IntrospectionField.Token => field == "token",
        IntrospectionField.NamedAfterHint => field != "token",
        _ => true,
    };

    private static Answer Revoke(ApiCall call)
    {
        CheckClient(call);
        call.Store.Grants.Revoke(call.FormText("token"));
        call.Store.Touch();
        return call.Store.Options.RevokeStatus == 204 ? Answer.NoContent() : new Answer(call.Store.Options.RevokeStatus, new JsonObject());
    }

    private static Answer AccessTokenInfo(ApiCall call)
    {
        if (call.Store.Grants.FindAccess(call.Route("token")) is not { IsStatic: false } access || access.ExpiresAt <= call.Now)
        {
            throw Refusal.NotFound();
        }

        var info = Info(call, access.Token, access.Grant);
        info["app_id"] = AppId;
        info["expires_in"] = (int)(access.ExpiresAt - call.Now).TotalSeconds;
        info["token_type"] = "access";
        return Answer.Ok(info);
    }

    private static Answer RefreshTokenInfo(ApiCall call)
    {
        var grant = call.Store.Grants.FindGrant(call.Route("token")) ?? throw Refusal.NotFound();
        var info = Info(call, grant.RefreshToken, grant);
        info["token_type"] = "refresh";
        return Answer.Ok(info);
    }

    private static JsonObject Info(ApiCall call, string token, Grant grant) => new()
    {
        ["token"] = token,
        ["user"] = grant.Email,
        ["user_id"] = grant.UserId,
        ["hub_id"] = grant.PortalId,
        ["hub_domain"] = $"{grant.PortalId}.example.com",
        ["client_id"] = call.Store.Options.ClientId,
        ["scopes"] = ScopesOf(call, grant),
    };

    private static JsonArray ScopesOf(ApiCall call, Grant grant) =>
        Json.Strings(call.Store.Find(grant.PortalId) is { } portal ? Scopes.Granted(grant, portal) : grant.Scopes);

    private static Answer RevokeRefreshToken(ApiCall call)
    {
        call.Store.Grants.Revoke(call.Route("token"));
        call.Store.Touch();
        return Answer.NoContent();
    }

    private static Answer Uninstall(ApiCall call)
    {
        call.Store.Grants.Uninstall(call.Portal.Id);
        call.Store.Touch();
        return Answer.NoContent();
    }

    private static Answer StaticInfo(ApiCall call)
    {
        if (call.Store.Grants.FindAccess(call.Body.Text("tokenKey") ?? "") is not { IsStatic: true } access)
        {
            throw Refusal.NotFound();
        }

        return Answer.Ok(new JsonObject
        {
            ["userId"] = access.Grant.UserId,
            ["hubId"] = access.Grant.PortalId,
            ["appId"] = AppId,
            ["scopes"] = Json.Strings(Scopes.OfStaticToken(call.Store.Portal(access.Grant.PortalId))),
        });
    }

    private static void CheckClient(ApiCall call)
    {
        if (call.FormText("client_id") != call.Store.Options.ClientId)
        {
            throw Refuse(call.Store.Options.BadClient ?? "BAD_CLIENT_ID", "invalid_client", "missing or unknown client id");
        }

        if (call.FormText("client_secret") != call.Store.Options.ClientSecret)
        {
            throw Refuse(call.Store.Options.BadClient ?? "BAD_CLIENT_SECRET", "invalid_client", "missing or wrong client secret");
        }
    }

    private static Refusal Refuse(string status, string error, string message) => new(400, new JsonObject
    {
        ["error"] = error,
        ["error_description"] = message,
        ["status"] = status,
        ["message"] = message,
    });

    private static Answer AsEver(ApiCall call, CallHandler handler)
    {
        try
        {
            return handler(call);
        }
        catch (Refusal refusal) when (call.Store.Options.OlderOAuthErrors)
        {
            refusal.Body.Remove("error");
            refusal.Body.Remove("error_description");
            refusal.Body["correlationId"] = null;
            if (refusal.Body.Text("status") == "BAD_REFRESH_TOKEN")
            {
                refusal.Body["message"] = "missing or invalid refresh token";
            }

            throw;
        }
    }
}
