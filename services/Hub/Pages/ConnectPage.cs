using System.Globalization;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Pages;

/// <summary>/subscriptions/{id}/connect: whoever is signed in presses the button here, or on the status page, and goes on to HubSpot.</summary>
internal static class ConnectPage
{
    private const string Path = "/subscriptions/{subscriptionId:guid}/connect";
    private const int LongestForm = 1024;

    public static void MapConnectPage(this WebApplication app)
    {
        app.MapGet(Path, AskAsync).ExcludeFromDescription();
        app.MapPost(Path, ConnectAsync).AddEndpointFilter<RequireOwnPage>().ExcludeFromDescription();
    }

    /// <param name="subscriptionId">The subscription.</param>
    /// <param name="otherAccount">The HubSpot account that it may move to; asked about on the page, and confirmed by its button.</param>
    public static string PathOf(Guid subscriptionId, long? otherAccount = null) =>
        string.Create(CultureInfo.InvariantCulture, $"/subscriptions/{subscriptionId}/connect{(otherAccount is null ? "" : $"?otherAccount={otherAccount}")}");

    public static string Button(Guid subscriptionId, string text, long? otherAccount = null) => string.Create(CultureInfo.InvariantCulture, $"""
        <form method="post" action="{PathOf(subscriptionId)}">{(otherAccount is null ? "" : $"<input type=\"hidden\" name=\"otherAccount\" value=\"{otherAccount}\">")}<button type="submit">{text}</button></form>
        """);

    private static async Task<IResult> AskAsync(
        Guid subscriptionId, long? otherAccount, HttpContext http, HubDb db, Sessions sessions, CancellationToken cancellationToken)
    {
        Layout.ProtectWhatLeadsOn(http);
        if (otherAccount <= 0)
            return NoAccount();
        if (await sessions.FindAsync(http.Request) is not { } signedIn)
            return Results.Redirect(SignInPage.PathOf(subscriptionId, otherAccount));
        if (await FindAsync(db, subscriptionId, signedIn, cancellationToken) is not { } subscription)
            return NotFound();
        var moves = otherAccount is null || subscription.HubSpotAccountId is null || otherAccount == subscription.HubSpotAccountId
            ? ""
            : $"<p>It moves from HubSpot account {subscription.HubSpotAccountId} to account {otherAccount}, with all its records: they are made anew there.</p>";
        return Layout.Page("Connect", $"""
            <p>&ldquo;{Layout.Encode(subscription.Name)}&rdquo; is going to be connected to HubSpot. There you sign in, choose the account and approve.</p>{moves}
            {Button(subscriptionId, "Connect to HubSpot", otherAccount)}<p><a href="/">Status</a></p>
            """);
    }

    private static async Task<IResult> ConnectAsync(
        Guid subscriptionId, HttpRequest request, HubDb db, Sessions sessions, BeginConnecting begin, CancellationToken cancellationToken)
    {
        Layout.ProtectWhatLeadsOn(request.HttpContext);
        long? otherAccount = null;
        if (request.HasFormContentType && request.ContentLength is not <= LongestForm)
            return Layout.Page("Connect", Layout.Bad("This is not the form of this page."), 400);
        if (request.HasFormContentType && (await request.ReadFormAsync(cancellationToken))["otherAccount"].ToString() is { Length: > 0 } wanted)
        {
            if (!long.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var account) || account == 0)
                return NoAccount();
            otherAccount = account;
        }

        if (await sessions.FindAsync(request) is not { } signedIn)
            return Results.Redirect(SignInPage.PathOf(subscriptionId, otherAccount));
        if (await FindAsync(db, subscriptionId, signedIn, cancellationToken) is not { } subscription)
            return NotFound();
        var (link, refusal) = await begin.BeginAsync(subscription, request, otherAccount, signedIn, cancellationToken);
        return refusal is null
            ? Results.Redirect(link!.AbsoluteUri)
            : Layout.Page("Connect", Layout.Bad(refusal.ProblemDetails.Detail!) + "<p><a href=\"/\">Status</a> &middot; <a href=\"/hubspot-app\">HubSpot app</a></p>", refusal.StatusCode);
    }

    private static Task<Subscription?> FindAsync(HubDb db, Guid subscriptionId, SignedIn signedIn, CancellationToken cancellationToken)
    {
        var own = signedIn.Caller.CompanyId;
        return db.Subscriptions.SingleOrDefaultAsync(s => s.Id == subscriptionId && (own == null || s.CompanyId == own), cancellationToken);
    }

    private static IResult NoAccount() => Layout.Page("Connect", Layout.Bad("The other account is no number of a HubSpot account."), 400);

    private static IResult NotFound() => Layout.Page("Connect", Layout.Bad("There is no such subscription, or none that your key opens."), 404);
}
