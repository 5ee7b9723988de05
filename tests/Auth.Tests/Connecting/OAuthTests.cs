using System.Net;
using System.Web;
using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Connecting;

public sealed class OAuthTests
{
    [Fact]
    public async Task The_browser_is_sent_to_HubSpot_with_all_that_it_asks_for()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        using var begun = await AuthUnderTest.BeginAsync(auth.Browser(), auth.Ticket());
        begun.StatusCode.ShouldBe(HttpStatusCode.Found);
        begun.Headers.Location!.GetLeftPart(UriPartial.Path).ShouldBe("https://app.hubspot.com/oauth/authorize");
        var query = HttpUtility.ParseQueryString(begun.Headers.Location.Query);
        query["client_id"].ShouldBe("the-client");
        query["redirect_uri"].ShouldBe("http://bus.example/oauth/callback");
        query["scope"].ShouldBe(HubSpotAppOptions.DefaultScopes);
        query["state"]!.Length.ShouldBe(43);
        begun.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task An_approval_stores_the_tokens_encrypted_and_starts_connecting()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        using var page = await auth.ConnectAsync(auth.Browser());
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldContain("Connected to HubSpot");
        html.ShouldContain("Shop &amp; &lt;Sons&gt;");
        html.ShouldContain("href=\"http://bus.example/\"");
        (await auth.NextAsync<ConnectionAuthorised>()).Attempt.ShouldBe(1);

        var form = HttpUtility.ParseQueryString(auth.HubSpot.TokenRequests.Single().Body);
        (form["grant_type"], form["code"], form["redirect_uri"], form["client_id"], form["client_secret"]).ShouldBe(
            ("authorization_code", "the-code", "http://bus.example/oauth/callback", "the-client", "the-secret-of-the-app"));
        auth.HubSpot.TokenRequests.Single().Path.ShouldBe("/oauth/2026-09/token");
        var row = await auth.Service.ReadAsync<AuthDb, Connection>(db => db.Connections.SingleAsync(TestContext.Current.CancellationToken));
        row.AccessToken!.ShouldNotContain("access-token-number-1");
        row.RefreshToken!.ShouldNotContain("refresh-token-number-1");
        var status = await auth.StatusAsync();
        (status.State, status.HubSpotAccountId, status.Token, status.IsStatic).ShouldBe(
            (ConnectionState.Connected, ScriptedHubSpot.Account, "••••er-1", false));
        string.Join(' ', status.Scopes).ShouldBe(HubSpotAppOptions.DefaultScopes);

        // The web host's own request lines, which only this test process keeps, carry the query.
        var lines = auth.Service.Log.All.Where(l => !l.Contains("Microsoft.AspNetCore.Hosting", StringComparison.Ordinal)).ToList();
        lines.ShouldNotBeEmpty();
        foreach (var secret in new[] { "access-token-number-1", "refresh-token-number-1", "the-secret-of-the-app", "the-code" })
            lines.ShouldNotContain(line => line.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_forged_expired_or_missing_ticket_begins_nothing()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var forged = auth.Ticket(serviceKey: "a-key-somebody-made-up");
        var old = auth.Ticket();
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), forged), HttpStatusCode.Forbidden, "press Connect again");
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), null), HttpStatusCode.Forbidden, "press Connect again");
        auth.Clock.Forward(TimeSpan.FromMinutes(10));
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), old), HttpStatusCode.Forbidden, "ten minutes");
    }

    [Fact]
    public async Task A_ticket_works_once()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var (browser, ticket) = (auth.Browser(), auth.Ticket());
        var state = await AuthUnderTest.StateAsync(browser, ticket);
        await RefusedAsync(AuthUnderTest.BeginAsync(browser, ticket), HttpStatusCode.Forbidden, "used already");
        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await RefusedAsync(AuthUnderTest.BeginAsync(browser, ticket), HttpStatusCode.Forbidden, "used already");
    }

    [Fact]
    public async Task Of_many_that_open_one_link_at_the_same_moment_at_most_one_is_sent_to_HubSpot()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var ticket = auth.Ticket();
        var pages = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => AuthUnderTest.BeginAsync(auth.Browser(), ticket)));
        pages.Count(p => p.StatusCode == HttpStatusCode.Found).ShouldBeLessThanOrEqualTo(1);
        pages.Count(p => p.StatusCode == HttpStatusCode.Forbidden).ShouldBeGreaterThanOrEqualTo(11);
    }

    [Fact]
    public async Task A_state_works_once()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await RefusedAsync(AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}"), HttpStatusCode.BadRequest, "used already");
        auth.HubSpot.TokenRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_unknown_state_and_an_expired_one_are_refused()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        await RefusedAsync(AuthUnderTest.CallbackAsync(browser, "code=c&state=made-up"), HttpStatusCode.BadRequest, "not known here");
        await RefusedAsync(AuthUnderTest.CallbackAsync(browser, "code=c"), HttpStatusCode.BadRequest, "not known here");
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        auth.Clock.Forward(TimeSpan.FromMinutes(10));
        await RefusedAsync(AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}"), HttpStatusCode.BadRequest, "longer than ten minutes");
        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_at_HubSpot_is_told_without_running_what_it_brings()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        var html = await RefusedAsync(
            AuthUnderTest.CallbackAsync(browser, $"error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state={state}"),
            HttpStatusCode.BadRequest, "may install apps");
        html.ShouldNotContain("<script>");
        html.ShouldContain("&lt;script&gt;");
    }

    [Theory]
    [InlineData("access_denied", "may install apps")]
    [InlineData("invalid_scope", "HubSpotApp:Scopes")]
    [InlineData("server_error", "Wait a moment")]
    [InlineData("something_new", "something_new")]
    public async Task Each_refusal_at_HubSpot_says_what_to_do(string error, string says)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        await RefusedAsync(AuthUnderTest.CallbackAsync(browser, $"error={error}&state={state}"), HttpStatusCode.BadRequest, says);
        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Scopes_that_were_not_granted_are_named_and_nothing_is_stored()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        auth.HubSpot.Scopes = HubSpotAppOptions.DefaultScopes.Replace(" crm.objects.orders.write", "", StringComparison.Ordinal);
        await RefusedAsync(auth.ConnectAsync(auth.Browser()), HttpStatusCode.Conflict, "Missing: crm.objects.orders.write.");
        var status = await auth.StatusAsync();
        (status.State, status.Token).ShouldBe((ConnectionState.Disconnected, null));
    }

    [Theory]
    [InlineData("token", HubSpotAppOptions.DefaultScopes, null)]
    [InlineData("access_token", HubSpotAppOptions.DefaultScopes, null)]
    [InlineData("token", "oauth crm.objects.contacts.read", "Missing: crm.objects.contacts.write,")]
    [InlineData("neither", HubSpotAppOptions.DefaultScopes, "does not say which scopes it granted")]
    public async Task Tokens_that_come_without_their_scopes_are_asked_for_them_and_not_taken_on_trust(string field, string scopes, string? refusal)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(ScriptedHubSpot.Status(
            200, $$"""{"access_token":"the-access-token","refresh_token":"the-refresh-token","expires_in":1800,"hub_id":{{ScriptedHubSpot.Account}}}""")());
        auth.HubSpot.Answer = call => Task.FromResult<HttpResponseMessage?>(!call.Path.EndsWith("/introspect", StringComparison.Ordinal)
            ? null
            : ScriptedHubSpot.Status(200, HttpUtility.ParseQueryString(call.Body)[field] == "the-access-token"
                ? $$"""{"active":true,"scopes":["{{scopes.Replace(" ", "\",\"", StringComparison.Ordinal)}}"]}"""
                : """{"active":false}""")());
        if (refusal is null)
            (await auth.ConnectAsync(auth.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
        else
            await RefusedAsync(auth.ConnectAsync(auth.Browser()), scopes == HubSpotAppOptions.DefaultScopes ? HttpStatusCode.BadGateway : HttpStatusCode.Conflict, refusal);
        var status = await auth.StatusAsync();
        (status.State, string.Join(' ', status.Scopes)).ShouldBe(
            refusal is null ? (ConnectionState.Connected, HubSpotAppOptions.DefaultScopes) : (ConnectionState.Disconnected, ""));
    }

    [Theory]
    [InlineData("2026-09")]
    [InlineData("2026-03")]
    [InlineData("v3")]
    public async Task Tokens_are_asked_for_at_the_version_of_the_configuration(string version)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(new() { ["HubSpotApp:OAuthVersion"] = version });
        auth.HubSpot.TokenRequests.Single().Path.ShouldBe($"/oauth/{version}/token");
    }

    [Fact]
    public async Task With_PKCE_the_code_is_redeemed_with_the_verifier_of_the_challenge()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["HubSpotApp:UsePkce"] = "true" });
        var browser = auth.Browser();
        using var begun = await AuthUnderTest.BeginAsync(browser, auth.Ticket());
        var query = HttpUtility.ParseQueryString(begun.Headers.Location!.Query);
        query["code_challenge_method"].ShouldBe("S256");
        var kept = await auth.Service.ReadAsync<AuthDb, ConsentRequest>(db => db.ConsentRequests.SingleAsync(TestContext.Current.CancellationToken));

        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={query["state"]}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var verifier = HttpUtility.ParseQueryString(auth.HubSpot.TokenRequests.Single().Body)["code_verifier"]!;
        ProofKey.Challenge(verifier).ShouldBe(query["code_challenge"]);
        kept.Verifier!.ShouldNotContain(verifier);
    }

    [Fact]
    public void The_challenge_is_that_of_RFC_7636() =>
        ProofKey.Challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").ShouldBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");

    [Theory]
    [InlineData("""{"status":"BAD_AUTH_CODE","message":"missing or unknown auth code"}""", 400, "missing or unknown auth code")]
    [InlineData("""{"status":"BAD_AUTH_CODE","message":"missing or unknown auth code"}""", 400, "works once")]
    [InlineData("""{"error":"invalid_grant","status":"BAD_REDIRECT_URI","message":"wrong redirect uri"}""", 502, "http://bus.example/oauth/callback")]
    [InlineData("""{"error":"invalid_client","status":"BAD_CLIENT_SECRET","message":"wrong secret"}""", 502, "HubSpotApp:ClientSecret")]
    public async Task What_HubSpot_holds_against_the_code_or_the_app_is_explained(string body, int status, string says)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(ScriptedHubSpot.Status(400, body)());
        await RefusedAsync(auth.ConnectAsync(auth.Browser()), (HttpStatusCode)status, says);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Disconnected);
    }

    [Fact]
    public async Task Without_an_app_the_page_says_so_and_links_to_where_it_is_set_up()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["HubSpotApp:ClientId"] = "" });
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), auth.Ticket()), HttpStatusCode.Conflict, "href=\"http://bus.example/hubspot-app\"");
    }

    [Fact]
    public async Task A_foreign_api_url_gets_neither_code_nor_token()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.SaveAsync(s => s with { ApiUrl = new Uri("https://evil.example") });
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), auth.Ticket()), HttpStatusCode.Conflict, "AdditionalApiHosts");
        (await auth.ConnectWithTokenAsync("pat-na1-a-static-token")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_subscription_stays_with_its_account()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.AccountId = 999;
        await RefusedAsync(auth.ConnectAsync(auth.Browser()), HttpStatusCode.Conflict, "choose the right account");
        (await auth.StatusAsync()).Token.ShouldBe("••••er-1");
    }

    [Fact]
    public async Task A_subscription_moves_to_the_account_that_the_operator_confirmed_and_to_no_other()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.AccountId = 999;
        await RefusedAsync(auth.ConnectAsync(auth.Browser(), otherAccount: 999), HttpStatusCode.Conflict, "still connected");

        await auth.DisconnectAsync();
        await RefusedAsync(auth.ConnectAsync(auth.Browser(), otherAccount: 998), HttpStatusCode.Conflict, "account 999 was chosen");
        (await auth.StatusAsync()).HubSpotAccountId.ShouldBe(ScriptedHubSpot.Account);
        (await auth.ConnectAsync(auth.Browser(), otherAccount: 999)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var properties = await auth.NextAsync<PrepareProperties>();
        await auth.Service.PublishAsync(new PropertiesPrepared { SubscriptionId = auth.Subscription, Attempt = properties.Attempt, ObjectTypes = [], KeysNotUnique = [] });
        await auth.ResolveAsync(properties.Attempt);
        await auth.NextAsync<PrepareMappings>();
        await auth.Service.PublishAsync(new MappingsPrepared { SubscriptionId = auth.Subscription, Attempt = properties.Attempt });
        (await auth.NextAsync<AdoptCustomers>()).LinksSince.ShouldBe(properties.Attempt);
        (await auth.StatusAsync()).HubSpotAccountId.ShouldBe(999);
    }

    [Fact]
    public async Task A_static_token_moves_a_subscription_to_the_confirmed_account_only()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.DisconnectAsync();
        auth.HubSpot.AccountId = 999;
        await auth.ConnectWithTokenAsync("pat-na1-a-token-of-999");
        (await auth.NextAsync<ConnectingFailed>()).Reason.ShouldContain("one of account 999");

        (await auth.ConnectWithTokenAsync("pat-na1-a-token-of-999", otherAccount: 999)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await auth.NextAsync<PrepareProperties>()).Attempt.ShouldBeGreaterThan(2);
        (await auth.StatusAsync()).HubSpotAccountId.ShouldBe(999);
    }

    private static async Task<string> RefusedAsync(Task<HttpResponseMessage> asking, HttpStatusCode status, string says)
    {
        using var page = await asking;
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        page.StatusCode.ShouldBe(status, html);
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        html.ShouldContain("Not connected");
        html.ShouldContain(says);
        return html;
    }
}
