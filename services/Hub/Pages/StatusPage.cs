using System.Text;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.Records;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Pages;

/// <summary>A plain page that shows how the subscriptions stand. Totals only, no record; on this machine it asks for no key.</summary>
internal static class StatusPage
{
    private const string Links = """
        <p><a href="/scalar">API</a> &middot; <a href="/openapi/v1.json">OpenAPI</a> &middot; <a href="/hubspot-app">HubSpot app</a> &middot; <a href="/health/ready">Health</a></p>
        """;

    public static void MapStatusPage(this WebApplication app) => app.MapGet("/", ShowAsync).AddEndpointFilter<RequireSignIn>().ExcludeFromDescription();

    private static async Task<IResult> ShowAsync(HttpContext http, HubDb db, AuthClient auth, CancellationToken cancellationToken)
    {
        Layout.ProtectWhatLeadsOn(http);
        var signedIn = SignedIn.Of(http);
        var own = signedIn?.Caller.CompanyId;
        var html = new StringBuilder(Links).Append(signedIn is null
            ? "<p><a href=\"/sign-in\">Sign in</a> to connect a subscription.</p>"
            : "<form method=\"post\" action=\"/sign-out\"><button type=\"submit\">Sign out</button></form>");
        var subscriptions = await db.Subscriptions.AsNoTracking().Where(s => own == null || s.CompanyId == own).OrderBy(s => s.CreatedAt)
            .ToListAsync(cancellationToken);
        if (subscriptions.Count == 0)
            html.Append("<p>No subscription yet. The API page shows how to make one.</p>");
        foreach (var subscription in subscriptions)
        {
            var good = subscription.Connection == Subscriptions.ConnectionState.Connected;
            html.Append($"<h2>{Layout.Encode(subscription.Name)}</h2><p>Connection: <b class=\"{(good ? "ok" : "bad")}\">{subscription.Connection}</b>");
            if (subscription.ConnectionReason is { } reason)
                html.Append($" &ndash; {Layout.Encode(reason)}");
            html.Append($"</p>{ConnectPage.Button(subscription.Id, good ? "Connect again" : "Connect to HubSpot")}{await GrantAsync(auth, subscription.Id, cancellationToken)}{Abilities(subscription.Account)}{await CallsAsync(auth, subscription, cancellationToken)}<table><tr><th>Records");
            foreach (var state in Enum.GetNames<TransferState>())
                html.Append($"<th>{state}");
            var counts = await db.Transfers.Where(t => t.SubscriptionId == subscription.Id).GroupBy(t => new { t.DataType, t.State })
                .Select(g => new { g.Key.DataType, g.Key.State, Count = g.Count() }).ToListAsync(cancellationToken);
            foreach (var type in counts.GroupBy(c => c.DataType).OrderBy(g => g.Key))
            {
                html.Append($"<tr><td>{RecordKind.Of(type.Key).Name}");
                foreach (var state in Enum.GetValues<TransferState>())
                    html.Append($"<td>{type.Where(c => c.State == state).Sum(c => c.Count)}");
            }

            html.Append("</table>");
        }

        if (own is null)
        {
            var letters = await db.DeadLetters.CountAsync(cancellationToken);
            html.Append($"<p>Messages that met a bug: <b class=\"{(letters == 0 ? "ok" : "bad")}\">{letters}</b></p>");
        }

        return Layout.Page("Status", html.ToString());
    }

    // Of the token its last characters, as the API shows it: enough to tell it from another, and of no other use.
    private static async Task<string> GrantAsync(AuthClient auth, Guid subscriptionId, CancellationToken cancellationToken)
    {
        if (await auth.ReadAsync<GrantView>(ConnectionEndpoints.InAuth(subscriptionId), cancellationToken) is not { } grant)
            return "";
        var revoked = grant.ToBeRevoked ? "<p class=\"bad\">A grant of before is not revoked at HubSpot yet; it is tried again by itself.</p>" : "";
        if (grant.HubSpotAccountId is not { } account)
            return revoked;
        var refreshed = grant.IsStatic ? "static token" : $"OAuth, expires {grant.ExpiresAt:u}, last refresh {grant.LastRefreshAt:u}";
        var scopes = grant.Scopes.Count == 0 ? "" : $"<br>Scopes: {Layout.Encode(string.Join(", ", grant.Scopes))}";
        var missing = grant.MissingScopes.Count == 0 ? "" : $"; <b class=\"bad\">missing: {Layout.Encode(string.Join(", ", grant.MissingScopes))}</b>";
        return $"<p>HubSpot account {account}: {refreshed}, token {Layout.Encode(grant.Token ?? "none")}{scopes}{missing}</p>{revoked}";
    }

    private static string Abilities(AccountAbilities? account)
    {
        if (account is null)
            return "";
        var notUnique = account.KeysNotUnique.Count == 0 ? "" : $"; without unique keys: {string.Join(", ", account.KeysNotUnique)}";
        var categories = string.Concat(
            account.CompanyCategoryProperty is { } company ? $"; category of companies: {company}" : "",
            account.ContactCategoryProperty is { } contact ? $"; category of contacts: {contact}" : "");
        var told = $"Currencies {string.Join(", ", account.Currencies)}; {account.TimeZone}; {account.CallsPerTenSeconds} calls in ten seconds; "
            + $"written: {string.Join(", ", account.ObjectTypes)}{notUnique}{categories}";
        var problem = account.CategoryProblem is { } wrong ? $"<p class=\"bad\">{Layout.Encode(wrong)}</p>" : "";
        return $"<p>{Layout.Encode(told)}</p>{problem}";
    }

    private static async Task<string> CallsAsync(AuthClient auth, Subscription subscription, CancellationToken cancellationToken)
    {
        if (await auth.ReadAsync<MeterView>(ConnectionEndpoints.MeterInAuth(subscription.Id), cancellationToken) is not { } meter)
            return "";
        var html = new StringBuilder($"<p>Calls to HubSpot: {meter.Calls} of {subscription.ApiThrottleLimit} in {subscription.ApiThrottleSeconds} s, ")
            .Append($"{meter.InFlight} of {subscription.ConcurrentConnections} in flight, {meter.Waiting} waiting")
            .Append(meter.Waiting > 0 ? $" (for up to {meter.OldestWaitingSeconds:0} s)" : "")
            .Append($", {meter.RefusedByHubSpot} refused by HubSpot</p>");
        if (meter.Counts.Count == 0)
            return html.ToString();
        html.Append("<table><tr><th>Lane<th>Call<th>Made<th>Waiting<th>In flight<th>Refused");
        foreach (var count in meter.Counts)
        {
            html.Append($"<tr><td>{Layout.Encode(count.Lane)}<td>{Layout.Encode(count.Kind)}<td>{count.Calls}<td>{count.Waiting}")
                .Append($"<td>{count.InFlight}<td>{count.RefusedByHubSpot}");
        }

        return html.Append("</table>").ToString();
    }
}
