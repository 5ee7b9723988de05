using System.Net;
using System.Web;
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
        var cookie = begun.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=lax", Case.Insensitive);
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
        status.Scopes.ShouldBe(["oauth", "crm.objects.contacts.read"]);

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
        var forged = ConnectTicket.Create("a-key-somebody-made-up", auth.Subscription, auth.Clock.GetUtcNow());
        var old = auth.Ticket();
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), forged), HttpStatusCode.Forbidden, "press Connect again");
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), null), HttpStatusCode.Forbidden, "press Connect again");
        auth.Clock.Forward(TimeSpan.FromMinutes(10));
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), old), HttpStatusCode.Forbidden, "ten minutes");
    }

    [Fact]
    public async Task A_ticket_works_again_in_its_browser_and_in_no_other()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var (browser, ticket) = (auth.Browser(), auth.Ticket());
        var first = await AuthUnderTest.StateAsync(browser, ticket);
        (await AuthUnderTest.StateAsync(browser, ticket)).ShouldNotBe(first);
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), ticket), HttpStatusCode.Forbidden, "another browser");
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
    public async Task A_state_is_of_no_use_in_another_browser_and_is_used_up_by_the_try()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        var other = auth.Browser();
        await AuthUnderTest.StateAsync(other, ConnectTicket.Create(AuthUnderTest.ServiceKey, auth.Subscription, auth.Clock.GetUtcNow().AddSeconds(1)));
        await RefusedAsync(AuthUnderTest.CallbackAsync(other, $"code=c&state={state}"), HttpStatusCode.Forbidden, "http://bus.example");
        await RefusedAsync(AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}"), HttpStatusCode.BadRequest, "press Connect again");
        auth.HubSpot.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_state_without_any_cookie_is_refused()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        var state = await AuthUnderTest.StateAsync(auth.Browser(), auth.Ticket());
        await RefusedAsync(AuthUnderTest.CallbackAsync(auth.Browser(), $"code=c&state={state}"), HttpStatusCode.Forbidden, "another browser");
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
    [InlineData("""{"status":"BAD_AUTH_CODE","message":"missing or unknown auth code"}""", 400, "missing or unknown auth code")]
    [InlineData("""{"error":"invalid_client","status":"BAD_CLIENT_SECRET","message":"wrong secret"}""", 502, "HubSpotApp:ClientSecret")]
    public async Task What_HubSpot_holds_against_the_code_or_the_app_is_explained(string body, int status, string says)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(ScriptedHubSpot.Status(400, body)());
        await RefusedAsync(auth.ConnectAsync(auth.Browser()), (HttpStatusCode)status, says);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Disconnected);
    }

    [Fact]
    public async Task Without_an_app_the_page_says_what_to_configure()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["HubSpotApp:ClientId"] = "" });
        await RefusedAsync(AuthUnderTest.BeginAsync(auth.Browser(), auth.Ticket()), HttpStatusCode.Conflict, "HubSpotApp:ClientId");
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
