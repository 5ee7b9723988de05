using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Crm;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.OAuth;

/// <summary>The token endpoints.</summary>
internal static class Tokens
{
    // The documentation and the published files disagree on the field's name.
    private static readonly string[] TokenFields = ["token", "access_token", "refresh_token"];

    public static void MapTokens(this WebApplication app)
    {
        app.MapPost("/oauth/{version}/token", async (HttpRequest request, SimulatorStore store, SimulatorOptions options, TimeProvider time) =>
            Grant(await request.ReadFormAsync(), store, options, time));
        app.MapPost("/oauth/{version}/token/introspect", async (HttpRequest request, SimulatorStore store, SimulatorOptions options, TimeProvider time) =>
            Introspect(await request.ReadFormAsync(), store, options, time));
        app.MapPost("/oauth/{version}/token/revoke", async (HttpRequest request, SimulatorStore store, SimulatorOptions options) =>
        {
            var form = await request.ReadFormAsync();
            CheckClient(form, options);
            Kill(store, form["token"].ToString());
            return Results.NoContent();
        });
        app.MapDelete("/appinstalls/{version}/external-install", (HttpContext context, SimulatorStore store) =>
        {
            var portal = (Portal)context.Items[nameof(Portal)]!;
            foreach (var token in store.Tokens.Where(t => t.Value.PortalId == portal.Id).Select(t => t.Key).ToList())
                store.Tokens.TryRemove(token, out _);
            return Results.NoContent();
        });
        app.MapGet("/account-info/{version}/details", (HttpContext context) =>
        {
            var portal = (Portal)context.Items[nameof(Portal)]!;
            return Results.Json(new
            {
                portalId = portal.Id,
                accountType = "STANDARD",
                timeZone = "US/Eastern",
                companyCurrency = portal.Currency,
                additionalCurrencies = portal.AdditionalCurrencies,
                utcOffset = "-04:00",
                utcOffsetMilliseconds = -14400000,
                uiDomain = "app.hubspot.com",
                dataHostingLocation = "na1",
            });
        });
    }

    private static IResult Grant(IFormCollection form, SimulatorStore store, SimulatorOptions options, TimeProvider time)
    {
        CheckClient(form, options);
        return form["grant_type"].ToString() switch
        {
            "authorization_code" => ForCode(form, store, options, time),
            "refresh_token" => ForRefreshToken(form, store, options, time),
            _ => throw Refused("BAD_GRANT_TYPE", "unsupported_grant_type", "unknown grant type"),
        };
    }

    private static IResult ForCode(IFormCollection form, SimulatorStore store, SimulatorOptions options, TimeProvider time)
    {
        if (!store.Codes.TryRemove(form["code"].ToString(), out var code) || code.ExpiresAt <= time.GetUtcNow())
            throw Refused("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code");
        if (code.RedirectUri != form["redirect_uri"])
            throw Refused("BAD_REDIRECT_URI", "invalid_grant", "redirect_uri does not match the one used to get the code");
        var refreshToken = SimulatorStore.NewSecret("na1");
        store.Tokens[refreshToken] = new Grant { PortalId = code.PortalId, Kind = GrantKind.Refresh, Scopes = code.Scopes };
        return Answer(store, options, time, code, refreshToken);
    }

    private static IResult ForRefreshToken(IFormCollection form, SimulatorStore store, SimulatorOptions options, TimeProvider time)
    {
        var refreshToken = form["refresh_token"].ToString();
        return store.Tokens.TryGetValue(refreshToken, out var grant) && grant.Kind == GrantKind.Refresh
            ? Answer(store, options, time, grant, refreshToken)
            : throw Refused("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked");
    }

    private static IResult Answer(SimulatorStore store, SimulatorOptions options, TimeProvider time, Grant grant, string refreshToken)
    {
        var accessToken = SimulatorStore.NewSecret("access");
        store.Tokens[accessToken] = new Grant
        {
            PortalId = grant.PortalId,
            Kind = GrantKind.Access,
            Scopes = grant.Scopes,
            RefreshToken = refreshToken,
            ExpiresAt = time.GetUtcNow() + TimeSpan.FromSeconds(options.TokenLifetimeSeconds),
        };
        return Results.Json(new
        {
            token_type = "bearer",
            refresh_token = refreshToken,
            access_token = accessToken,
            hub_id = grant.PortalId,
            user_id = 222222,
            scopes = grant.Scopes,
            expires_in = options.TokenLifetimeSeconds,
            token_use = "access_token",
        });
    }

    private static IResult Introspect(IFormCollection form, SimulatorStore store, SimulatorOptions options, TimeProvider time)
    {
        CheckClient(form, options);
        var token = TokenFields.Select(n => form[n].ToString()).First(t => t.Length > 0);
        if (!store.Tokens.TryGetValue(token, out var grant) || grant.ExpiresAt <= time.GetUtcNow())
            return Results.Json(new { active = false });
        return Results.Json(new
        {
            active = true,
            token,
            hub_id = grant.PortalId,
            user_id = 222222,
            client_id = options.ClientId,
            scopes = grant.Scopes,
            expires_in = grant.ExpiresAt is { } end ? (long?)(end - time.GetUtcNow()).TotalSeconds : null,
            token_use = grant.Kind == GrantKind.Access ? "access_token" : "refresh_token",
            token_type = "Bearer",
        });
    }

    private static void Kill(SimulatorStore store, string token)
    {
        store.Tokens.TryRemove(token, out _);
        foreach (var child in store.Tokens.Where(t => t.Value.RefreshToken == token).Select(t => t.Key).ToList())
            store.Tokens.TryRemove(child, out _);
    }

    private static void CheckClient(IFormCollection form, SimulatorOptions options)
    {
        if (form["client_id"] != options.ClientId)
            throw Refused("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id");
        if (form["client_secret"] != options.ClientSecret)
            throw Refused("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret");
    }

    private static RefusedException Refused(string status, string error, string message) => new(400, new JsonObject
    {
        ["error"] = error, ["error_description"] = message, ["status"] = status, ["message"] = message,
    });
}
