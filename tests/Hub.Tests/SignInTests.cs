using System.Net;
using HubSpotBus.Contracts.Connections;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>Signing in to the pages from elsewhere than this machine.</summary>
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

        (await (await ABrowser.SignedInAsync(hub, AHub.AdminKey)).PageAsync("/")).ShouldSatisfyAllConditions(
            page => page.ShouldContain("The tenant&#39;s plan"), page => page.ShouldContain("The other&#39;s plan"), page => page.ShouldContain("met a bug"));
        (await (await ABrowser.SignedInAsync(hub, hub.CompanyKey)).PageAsync("/")).ShouldSatisfyAllConditions(
            page => page.ShouldContain("The tenant&#39;s plan"), page => page.ShouldNotContain("other"), page => page.ShouldNotContain("met a bug"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData(ServiceKey)]
    public async Task A_key_that_is_nobodys_opens_nothing(string key)
    {
        await using var hub = await AHub.StartAsync();
        using var answer = await ABrowser.Of(hub).PostAsync("/sign-in", ("key", key));
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
        using var answer = await ABrowser.Of(hub).PostAsync("/sign-in", ("key", AHub.AdminKey));
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
        var browser = await ABrowser.SignedInAsync(hub, AHub.AdminKey);
        await hub.Service.ReadAsync<HubDb, int>(db => db.Sessions.ExecuteUpdateAsync(s => s.SetProperty(x => x.ExpiresAt, TimeProvider.System.GetUtcNow())));
        await LeadsToAsync("/sign-in", browser.GetAsync("/"));

        browser = await ABrowser.SignedInAsync(hub, AHub.AdminKey);
        var copy = ABrowser.Of(hub);
        copy.Show("Cookie", browser.Cookie);
        await LeadsToAsync("/sign-in", browser.PostAsync("/sign-out"));
        await LeadsToAsync("/sign-in", copy.GetAsync("/"));
    }

    [Fact]
    public async Task A_session_ends_with_its_key_and_when_its_browser_signs_in_anew()
    {
        await using var hub = await AHub.StartAsync();
        var browser = await ABrowser.SignedInAsync(hub, hub.CompanyKey);
        await hub.Service.ReadAsync<HubDb, int>(db => db.Companies.ExecuteUpdateAsync(c => c.SetProperty(x => x.KeyHash, "another key's")));
        await LeadsToAsync("/sign-in", browser.GetAsync("/"));

        browser = await ABrowser.SignedInAsync(hub, AHub.AdminKey);
        using var again = await browser.PostAsync("/sign-in", ("key", AHub.AdminKey)); // it goes on showing the cookie of before
        await LeadsToAsync("/sign-in", browser.GetAsync("/"));
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
        using var browser = await ABrowser.SignedInAsync(hub, AHub.AdminKey);
        browser.Show(header, value);
        using var refused = await browser.PostAsync(path, ("key", AHub.AdminKey));
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await browser.PageAsync("/")).ShouldContain("Sign out");
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("https://bus.example", true)] // https ends in front of the hub
    [InlineData("https://other.example", false)]
    public async Task A_form_of_our_own_address_is_taken(string? origin, bool taken)
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:PublicUrl"] = "http://bus.example" });
        using var browser = ABrowser.Of(hub);
        if (origin is not null)
            browser.Show("Origin", origin);
        using var answer = await browser.PostAsync("/sign-in", ("key", AHub.AdminKey));
        answer.StatusCode.ShouldBe(taken ? HttpStatusCode.Found : HttpStatusCode.Forbidden);
        if (!taken)
            (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("under another address than http://bus.example/");
    }

    private static async Task LeadsToAsync(string address, Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        (answer.StatusCode, answer.Headers.Location?.OriginalString).ShouldBe((HttpStatusCode.Found, address));
    }
}
