using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.HubSpotApp;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Connecting;

/// <summary>GET /oauth/begin?ticket=...: sends the browser to HubSpot to approve.</summary>
public static class BeginConnecting
{
    private const string Again = "Open the subscription in the portal and press Connect again.";

    public static void MapBeginConnecting(this IEndpointRouteBuilder app) => app.MapGet("/oauth/begin", BeginAsync);

    private static async Task<IResult> BeginAsync(
        string? ticket, HttpContext http, AuthDb db, IOptions<HubSpotAppOptions> appOptions, IOptions<EgressOptions> egress,
        AppCredentials credentials, TokenVault vault, TimeProvider time, CancellationToken cancellation)
    {
        var (app, now) = (appOptions.Value, time.GetUtcNow());
        var portal = app.BaseUrl(http.Request);
        http.Response.Headers.CacheControl = "no-store";
        if (ConnectTicket.Verify(egress.Value.ServiceKey.Reveal(), ticket, now) is not { } admitted)
            return ConnectingPage.Refused(portal, 403, "The link to connect is not valid any more; it works for ten minutes.", Again);
        if (await credentials.FindAsync(cancellation) is not { } credential)
            return ConnectingPage.NoApp(portal);
        if (await SettingsAsync(db, admitted.SubscriptionId, time, cancellation) is not { } settings)
            return ConnectingPage.Refused(portal, 404, "The subscription is not known here yet.", "Wait a moment, then press Connect again.");
        if (!app.AllowsApiUrl(settings.ApiUrl))
            return ConnectingPage.Refused(portal, 409, $"The API URL {settings.ApiUrl} is not HubSpot's.",
                "Correct the API URL in the subscription's settings, or allow its host with HubSpotApp:AdditionalApiHosts.");

        // A copied link is of no use to anybody else, and a second time to nobody.
        if (Browser.SessionOf(http.Request, portal) != admitted.Session)
            return ConnectingPage.Refused(portal, 403, "The link to connect is for whoever is signed in to the portal, in their own browser.",
                $"Sign in at {portal} and press Connect there. If that is what you did, the hub has another public address than Auth (Hub:PublicUrl, HubSpotApp:PublicUrl).");
        var ticketHash = BrowserSecret.Hash(ticket!);
        if (await db.ConsentRequests.AnyAsync(r => r.TicketHash == ticketHash, cancellation))
            return UsedAlready(portal);

        var state = BrowserSecret.New();
        var verifier = app.UsePkce ? ProofKey.NewVerifier() : null;
        db.ConsentRequests.RemoveRange(await db.ConsentRequests.Where(r => r.ExpiresAt < now - ConsentRequest.Lifetime).ToListAsync(cancellation));
        db.ConsentRequests.Add(new ConsentRequest
        {
            StateHash = BrowserSecret.Hash(state),
            TicketHash = ticketHash,
            BrowserHash = admitted.Session,
            SubscriptionId = admitted.SubscriptionId,
            OtherAccount = admitted.OtherAccount,
            ExpiresAt = now + ConsentRequest.Lifetime,
            Verifier = verifier is null ? null : vault.Lock(verifier),
        });
        await db.SaveChangesAsync(cancellation);
        // Another at the same moment: whoever was stored later sees the other here, and its state, which nobody heard of, lapses.
        if (await db.ConsentRequests.CountAsync(r => r.TicketHash == ticketHash, cancellation) > 1)
            return UsedAlready(portal);

        var query = new Dictionary<string, string?>
        {
            ["client_id"] = credential.ClientId,
            ["redirect_uri"] = app.RedirectUrl(http.Request).AbsoluteUri,
            ["scope"] = app.Scopes,
            ["state"] = state,
        };
        if (verifier is not null)
            (query["code_challenge"], query["code_challenge_method"]) = (ProofKey.Challenge(verifier), ProofKey.Method);
        return Results.Redirect(QueryHelpers.AddQueryString(app.AuthorizeUrl.AbsoluteUri, query));
    }

    private static IResult UsedAlready(Uri portal) => ConnectingPage.Refused(portal, 403, "The link to connect was used already.", Again);

    /// <summary>The settings; a subscription saved a moment ago may still be on its way here, so it is waited for a little.</summary>
    internal static async Task<SubscriptionSettings?> SettingsAsync(AuthDb db, Guid subscriptionId, TimeProvider time, CancellationToken cancellation)
    {
        var giveUp = time.GetUtcNow() + TimeSpan.FromSeconds(10);
        while (true)
        {
            var settings = await db.Settings.AsNoTracking().SingleOrDefaultAsync(s => s.SubscriptionId == subscriptionId, cancellation);
            if (settings is not null || time.GetUtcNow() >= giveUp)
                return settings;
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellation);
        }
    }
}
