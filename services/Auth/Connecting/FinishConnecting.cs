using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Connecting;

/// <summary>GET /oauth/callback: HubSpot sends the browser back, with a code or with a refusal.</summary>
public static partial class FinishConnecting
{
    private const string Again = "Open the subscription in the portal and press Connect again.";

    public static void MapFinishConnecting(this IEndpointRouteBuilder app) => app.MapGet("/oauth/callback", FinishAsync);

    private static async Task<IResult> FinishAsync(
        [AsParameters] Callback callback, HttpContext http, AuthDb db, LiveConnections connections, TokenRequests requests,
        AuthoriseConnection authorise, TokenVault vault, IOptions<HubSpotAppOptions> appOptions, TimeProvider time, ILogger<Callback> log,
        IHostApplicationLifetime lifetime)
    {
        // Not the request's: state and code work once, so what was begun ends also where the browser is closed.
        var cancellation = lifetime.ApplicationStopping;
        var (portal, redirectUrl) = (appOptions.Value.BaseUrl(http.Request), appOptions.Value.RedirectUrl(http.Request));
        http.Response.Headers.CacheControl = "no-store";
        if (await TakeAsync(db, callback.State, time.GetUtcNow(), cancellation) is not { } consent)
            return ConnectingPage.Refused(portal, 400, "This answer of HubSpot is not known here, or was used already.", Again);
        switch (consent.Judge(Browser.SessionOf(http.Request, portal), time.GetUtcNow()))
        {
            case ConsentReply.OtherBrowser:
                return ConnectingPage.Refused(portal, 403, "The connecting was begun in another browser or session, or under another address than this one.",
                    $"Open the portal at {portal} and press Connect there.");
            case ConsentReply.Expired:
                return ConnectingPage.Refused(portal, 400, "The approval took longer than ten minutes.", Again);
        }

        if (callback.Error is not null || string.IsNullOrEmpty(callback.Code))
        {
            NotApproved(log, consent.SubscriptionId);
            return NotApprovedPage(portal, callback);
        }

        if (await connections.FindAsync(consent.SubscriptionId, cancellation) is not { } connection)
            return ConnectingPage.Refused(portal, 404, "The subscription is not known here any more.", Again);
        if (!connection.View.ApiUrlAllowed)
            return ConnectingPage.Refused(portal, 409, connection.View.Refusal(default)!, Again);
        var verifier = consent.Verifier is { } locked ? vault.TryOpen(locked) : null;
        if (consent.Verifier is not null && verifier is null)
            return ConnectingPage.Refused(portal, 409, "The keys of this installation have changed since the connecting was begun.", Again);
        return await requests.ExchangeAsync(connection, callback.Code, redirectUrl, verifier, cancellation) switch
        {
            TokenOutcome.Granted(var tokens) => await KeepAsync(portal, appOptions.Value, authorise, consent, tokens with
            {
                Scopes = tokens.Scopes ?? await requests.ScopesAsync(connection, tokens.AccessToken, cancellation),
            }, cancellation),
            TokenOutcome.GrantRefused(var says) => ConnectingPage.Refused(portal, 400, $"HubSpot did not accept its own code: {says}.",
                $"A code works once and for a short time. {Again}"),
            TokenOutcome.AppRefused(var says) => ConnectingPage.Refused(portal, 502, $"HubSpot does not accept this installation's app: {says}.",
                "Compare client id, client secret (HubSpotApp:ClientId, HubSpotApp:ClientSecret, or the portal's page about the HubSpot app) and the "
                + $"redirect URL {redirectUrl} with the app's settings in HubSpot, then press Connect again."),
            TokenOutcome.Unanswered(var reason) => ConnectingPage.Refused(portal, 502, $"HubSpot gave no tokens: {reason}.", Again),
            var other => throw new NotSupportedException(other.ToString()),
        };
    }

    private static IResult NotApprovedPage(Uri portal, Callback callback)
    {
        var said = callback.ErrorDescription ?? callback.Error ?? "no code came back";
        var todo = callback.Error switch
        {
            null or "access_denied" => "If that was not meant, press Connect again and approve with a HubSpot user who may install apps.",
            "invalid_scope" => "Compare HubSpotApp:Scopes with the scopes of the app in HubSpot: what is asked for has to be among them.",
            "server_error" or "temporarily_unavailable" => $"The trouble is HubSpot's. Wait a moment. {Again}",
            _ => $"Compare the app's settings in HubSpot with those of this installation. {Again}",
        };
        return ConnectingPage.Refused(portal, 400, $"HubSpot was not approved: {said}.", todo);
    }

    private static async Task<IResult> KeepAsync(
        Uri portal, HubSpotAppOptions app, AuthoriseConnection authorise, ConsentRequest consent, GrantedTokens tokens, CancellationToken cancellation)
    {
        if (tokens.Scopes is null)
            return ConnectingPage.Refused(portal, 502, "HubSpot gave tokens, but does not say which scopes it granted.",
                $"{Again} If it stays so, set HubSpotApp:OAuthVersion to another version of HubSpot's token endpoint.");
        if (app.NotGranted(tokens.Scopes) is { Count: > 0 } missing)
            return ConnectingPage.Refused(portal, 409, $"HubSpot did not grant all that is needed. Missing: {string.Join(", ", missing)}.",
                "Add the missing scopes to the app in HubSpot and see that the account has what they are for; or take them out of "
                + "HubSpotApp:Scopes, if you can do without. Then press Connect again.");
        return await authorise.WithGrantAsync(consent.SubscriptionId, tokens, consent.OtherAccount, cancellation) switch
        {
            { Name: { } name } => ConnectingPage.Connected(portal, name),
            { StillConnected: true } => ConnectingPage.Refused(portal, 409, AuthoriseConnection.StillConnected, Again),
            { OtherThanAccount: var account } => ConnectingPage.Refused(portal, 409,
                $"The subscription's records live in HubSpot account {account}, but account {tokens.HubSpotAccountId} was chosen.",
                "Press Connect again and choose the right account, or make a new subscription for the other one. If the subscription is to move there "
                + "with all its records, disconnect it and begin connecting with that account's number as \"otherAccount\"."),
        };
    }

    // Used up before anything else is looked at: a state works once, whatever comes of it. Of two at the same moment one wins.
    private static async Task<ConsentRequest?> TakeAsync(AuthDb db, string? state, DateTimeOffset now, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(state))
            return null;
        var hash = BrowserSecret.Hash(state);
        var taken = await db.ConsentRequests.Where(r => r.StateHash == hash && r.TakenAt == null)
            .ExecuteUpdateAsync(r => r.SetProperty(x => x.TakenAt, (DateTimeOffset?)now), cancellation);
        return taken == 0 ? null : await db.ConsentRequests.AsNoTracking().SingleAsync(r => r.StateHash == hash, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connecting of {SubscriptionId} was not approved")]
    private static partial void NotApproved(ILogger log, Guid subscriptionId);

    public sealed record Callback
    {
        public string? Code { get; init; }

        public string? State { get; init; }

        public string? Error { get; init; }

        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "error_description")]
        public string? ErrorDescription { get; init; }
    }
}
