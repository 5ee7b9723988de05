using System.Net;
using System.Web;
using HubSpotBus.Contracts.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>Signing in to the pages from elsewhere than this machine, and the button that connects.</summary>
public sealed class SignInTests
{
    private const string ServiceKey = "a service key for tests only";

    [Fact]
    public async Task The_administrators_key_opens_the_pages_and_a_companys_opens_what_is_its_own()
    {
        await using var hub = await AHub.StartAsync();
        await hub.SubscribedAsync("""{"name":"The tenant's plan"}""");
        var other = await hub.SendAsync(HttpMethod.Post, "/api/companies", """{"name":"Other"}""", HttpStatusCode.Created);
        await hub.SendAsync(HttpMethod.Post, $"/api/companies/{other["id"]}/subscriptions", """{"name":"The other's plan"}""", HttpStatusCode.Created);

        (await PageAsync(hub, await SignedInAsync(hub, AHub.AdminKey))).ShouldSatisfyAllConditions(
            page => page.ShouldContain("The tenant&#39;s plan"), page => page.ShouldContain("The other&#39;s plan"), page => page.ShouldContain("met a bug"));
        (await PageAsync(hub, await SignedInAsync(hub, hub.CompanyKey))).ShouldSatisfyAllConditions(
            page => page.ShouldContain("The tenant&#39;s plan"), page => page.ShouldNotContain("other"), page => page.ShouldNotContain("met a bug"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData(ServiceKey)]
    public async Task A_key_that_is_nobodys_opens_nothing(string key)
    {
        await using var hub = await AHub.StartAsync();
        using var answer = await PostAsync(Browser(hub), "/sign-in", ("key", key));
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("This key is not known.");
    }

    [Theory]
    [InlineData("https://bus.example", true)]
    [InlineData("http://bus.example", false)]
    public async Task The_cookie_is_for_the_browser_alone_and_the_hub_keeps_no_more_than_its_hash(string publicUrl, bool secure)
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:PublicUrl"] = publicUrl });
        using var answer = await PostAsync(Browser(hub), "/sign-in", ("key", AHub.AdminKey));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single().Split("; ");
        cookie[1..].ShouldBe(secure ? ["path=/", "secure", "samesite=lax", "httponly"] : ["path=/", "samesite=lax", "httponly"]);
        var (name, secret) = (cookie[0].Split('=')[0], cookie[0].Split('=')[1]);
        name.ShouldBe(secure ? "__Host-hubspotbus_session" : "hubspotbus_session");
        var kept = await hub.Service.ReadAsync<HubDb, string>(async db => (await db.Sessions.SingleAsync()).SecretHash);
        kept.ShouldBe(BrowserSecret.Hash(secret));
        hub.Service.Log.All.ShouldAllBe(line => !line.Contains(secret) && !line.Contains(AHub.AdminKey));
    }

    [Fact]
    public async Task A_session_ends_when_it_expires_and_when_its_owner_signs_out()
    {
        await using var hub = await AHub.StartAsync();
        var browser = await SignedInAsync(hub, AHub.AdminKey);
        await hub.Service.ReadAsync<HubDb, int>(db => db.Sessions.ExecuteUpdateAsync(s => s.SetProperty(x => x.ExpiresAt, TimeProvider.System.GetUtcNow())));
        await LeadsToSignInAsync(browser.GetAsync("/", TestContext.Current.CancellationToken));

        browser = await SignedInAsync(hub, AHub.AdminKey);
        var copy = Browser(hub);
        copy.DefaultRequestHeaders.Add("Cookie", browser.DefaultRequestHeaders.GetValues("Cookie"));
        await LeadsToSignInAsync(PostAsync(browser, "/sign-out"));
        await LeadsToSignInAsync(copy.GetAsync("/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_session_ends_with_its_key_and_when_its_browser_signs_in_anew()
    {
        await using var hub = await AHub.StartAsync();
        var browser = await SignedInAsync(hub, hub.CompanyKey);
        await hub.Service.ReadAsync<HubDb, int>(db => db.Companies.ExecuteUpdateAsync(c => c.SetProperty(x => x.KeyHash, "another key's")));
        await LeadsToSignInAsync(browser.GetAsync("/", TestContext.Current.CancellationToken));

        browser = await SignedInAsync(hub, AHub.AdminKey);
        using var again = await PostAsync(browser, "/sign-in", ("key", AHub.AdminKey)); // it goes on showing the cookie of before
        await LeadsToSignInAsync(browser.GetAsync("/", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", "/sign-in")]
    [InlineData("Sec-Fetch-Site", "same-site", "/sign-in")]
    [InlineData("Sec-Fetch-Site", "cross-site", "/sign-out")]
    [InlineData("Sec-Fetch-Site", "cross-site", "/subscriptions/11111111-2222-3333-4444-555555555555/connect")]
    [InlineData("Origin", "http://evil.example", "/sign-in")] // a browser that says no more
    [InlineData("Origin", "null", "/sign-in")]
    public async Task A_form_of_another_site_is_refused(string header, string value, string path)
    {
        await using var hub = await AHub.StartAsync();
        var browser = await SignedInAsync(hub, AHub.AdminKey);
        browser.DefaultRequestHeaders.Add(header, value);
        using var refused = await PostAsync(browser, path, ("key", AHub.AdminKey));
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await PageAsync(hub, browser)).ShouldContain("Sign out");
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("https://bus.example", true)] // https ends in front of the hub
    [InlineData("https://other.example", false)]
    public async Task A_form_of_our_own_address_is_taken(string? origin, bool taken)
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:PublicUrl"] = "http://bus.example" });
        var browser = Browser(hub);
        if (origin is not null)
            browser.DefaultRequestHeaders.Add("Origin", origin);
        using var answer = await PostAsync(browser, "/sign-in", ("key", AHub.AdminKey));
        answer.StatusCode.ShouldBe(taken ? HttpStatusCode.Found : HttpStatusCode.Forbidden);
        if (!taken)
            (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("under another address than http://bus.example/");
    }

    [Fact]
    public async Task The_button_leads_to_HubSpot_by_a_link_that_is_for_this_session_alone()
    {
        await using var auth = await AnAuth.StartAsync(_ => Task.FromResult(Results.NotFound()));
        await using var hub = await AHub.StartAsync(auth.Settings);
        var (subscription, id) = await hub.SubscribedAsync();
        var browser = await SignedInAsync(hub, hub.CompanyKey);
        (await PageAsync(hub, browser)).ShouldContain($"action=\"/subscriptions/{id}/connect\"");

        using var sent = await PostAsync(browser, $"/subscriptions/{id}/connect");

        sent.StatusCode.ShouldBe(HttpStatusCode.Found);
        sent.Headers.Location!.AbsolutePath.ShouldBe("/oauth/begin");
        var ticket = HttpUtility.ParseQueryString(sent.Headers.Location.Query)["ticket"];
        var secret = browser.DefaultRequestHeaders.GetValues("Cookie").Single().Split('=')[1];
        ConnectTicket.Verify(ServiceKey, ticket, TimeProvider.System.GetUtcNow()).ShouldBe(new ConnectTicket(id, Session: BrowserSecret.Hash(secret)));
        await hub.UntilConnectionAsync(subscription, "connecting");
    }

    [Fact]
    public async Task The_button_connects_nothing_for_who_is_not_signed_in_and_nothing_of_another_company()
    {
        await using var hub = await AHub.StartAsync();
        var other = await hub.SendAsync(HttpMethod.Post, "/api/companies", """{"name":"Other"}""", HttpStatusCode.Created);
        var (subscription, id) = await hub.SubscribedAsync();
        await LeadsToSignInAsync(PostAsync(Browser(hub), $"/subscriptions/{id}/connect"));
        using var refused = await PostAsync(await SignedInAsync(hub, (string)other["apiKey"]!), $"/subscriptions/{id}/connect");
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((string?)(await hub.GetAsync($"{subscription}/connection"))["state"]).ShouldBe("notConnected");
    }

    [Fact]
    public async Task Without_a_HubSpot_app_the_button_says_where_to_make_one()
    {
        await using var auth = await AnAuth.StartAsync(_ => Task.FromResult(Results.Json(
            new { source = "None", redirectUrl = "http://bus.example/oauth/callback", webhookUrl = "http://bus.example/webhooks/hubspot", scopes = new[] { "oauth" }, warnings = new[] { "none" } })));
        await using var hub = await AHub.StartAsync(auth.Settings);
        var (_, id) = await hub.SubscribedAsync();
        using var refused = await PostAsync(await SignedInAsync(hub, AHub.AdminKey), $"/subscriptions/{id}/connect");
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldSatisfyAllConditions(
            page => page.ShouldContain("This installation has no HubSpot app yet."), page => page.ShouldContain("href=\"/hubspot-app\""));
    }

    // Not this machine's, as far as the hub can tell; and it follows nothing by itself.
    private static HttpClient Browser(AHub hub)
    {
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = hub.Service.BaseAddress };
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        return browser;
    }

    private static async Task<HttpClient> SignedInAsync(AHub hub, string key)
    {
        var browser = Browser(hub);
        using var answer = await PostAsync(browser, "/sign-in", ("key", key));
        (answer.StatusCode, answer.Headers.Location?.OriginalString).ShouldBe((HttpStatusCode.Found, "/"));
        browser.DefaultRequestHeaders.Add("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        return browser;
    }

    private static async Task<string> PageAsync(AHub hub, HttpClient browser)
    {
        using var page = await browser.GetAsync(hub.Service.BaseAddress, TestContext.Current.CancellationToken);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task LeadsToSignInAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        (answer.StatusCode, answer.Headers.Location?.OriginalString).ShouldBe((HttpStatusCode.Found, "/sign-in"));
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, params (string Name, string Value)[] form) => browser.PostAsync(
        new Uri(path, UriKind.Relative), new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))), TestContext.Current.CancellationToken);
}
