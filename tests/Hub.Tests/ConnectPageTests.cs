using System.Net;
using System.Web;
using HubSpotBus.Contracts.Connections;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>The button that connects, on the status page and on the page that the API names.</summary>
public sealed class ConnectPageTests
{
    private const string ServiceKey = "a service key for tests only";

    [Fact]
    public async Task The_button_leads_to_HubSpot_by_a_link_that_is_for_this_session_alone()
    {
        await using var auth = await AnAuth.StartAsync(_ => Task.FromResult(Results.NotFound()));
        await using var hub = await AHub.StartAsync(auth.Settings);
        var (subscription, id) = await hub.SubscribedAsync();
        using var browser = await ABrowser.SignedInAsync(hub, hub.CompanyKey);
        (await browser.PageAsync("/")).ShouldContain($"action=\"/subscriptions/{id}/connect\"");

        using var sent = await browser.PostAsync($"/subscriptions/{id}/connect");

        sent.StatusCode.ShouldBe(HttpStatusCode.Found);
        sent.Headers.Location!.AbsolutePath.ShouldBe("/oauth/begin");
        TicketOf(sent).ShouldBe(new ConnectTicket(id, BrowserSecret.Hash(browser.Secret)));
        await hub.UntilConnectionAsync(subscription, "connecting");
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"otherAccount":87654321}""", "otherAccount=87654321")]
    public async Task The_link_of_the_API_leads_by_signing_in_to_a_page_with_the_button(string asked, string query)
    {
        await using var auth = await AnAuth.StartAsync(_ => Task.FromResult(Results.NotFound()));
        await using var hub = await AHub.StartAsync(auth.Settings);
        var (subscription, id) = await hub.SubscribedAsync("""{"name":"The <tenant's> plan"}""");

        var link = new Uri((string)(await hub.SendAsync(HttpMethod.Post, $"{subscription}/connection", asked, HttpStatusCode.OK))["authorizeUrl"]!);
        link.ShouldBe(new Uri(hub.Service.BaseAddress, $"/subscriptions/{id}/connect{(query.Length == 0 ? "" : $"?{query}")}"));
        ((string?)(await hub.GetAsync($"{subscription}/connection"))["state"]).ShouldBe("notConnected"); // nothing has begun

        using var browser = ABrowser.Of(hub);
        using var first = await browser.GetAsync(link.PathAndQuery);
        var signIn = first.Headers.Location!.OriginalString;
        signIn.ShouldBe($"/sign-in?connect={id}{(query.Length == 0 ? "" : $"&{query}")}");
        (await browser.PageAsync(signIn)).ShouldContain($"action=\"{HttpUtility.HtmlEncode(signIn)}\"");
        using var signedIn = await browser.PostAsync(signIn, ("key", hub.CompanyKey));
        signedIn.Headers.Location!.OriginalString.ShouldBe(link.PathAndQuery);
        browser.Keep(signedIn);

        var page = await browser.PageAsync(link.PathAndQuery);
        page.ShouldContain("The &lt;tenant&#39;s&gt; plan");
        page.ShouldContain($"action=\"/subscriptions/{id}/connect\"");
        if (query.Length > 0)
            page.ShouldContain("name=\"otherAccount\" value=\"87654321\"");
        using var sent = await browser.PostAsync($"/subscriptions/{id}/connect", ("otherAccount", query.Split('=')[^1]));
        TicketOf(sent).ShouldBe(new ConnectTicket(id, BrowserSecret.Hash(browser.Secret), query.Length == 0 ? null : 87654321));
    }

    [Fact]
    public async Task Moving_to_another_account_is_asked_about_before_the_button_confirms_it()
    {
        await using var hub = await AHub.StartAsync();
        var id = (await hub.ConnectedAsync()).Split('/')[^1]; // to account 42
        using var browser = await ABrowser.SignedInAsync(hub, AHub.AdminKey);
        (await browser.PageAsync($"/subscriptions/{id}/connect?otherAccount=43")).ShouldContain("It moves from HubSpot account 42 to account 43");
        (await browser.PageAsync($"/subscriptions/{id}/connect?otherAccount=42")).ShouldNotContain("It moves");
        (await browser.PageAsync($"/subscriptions/{id}/connect")).ShouldNotContain("It moves");
        using var refused = await browser.PostAsync($"/subscriptions/{id}/connect", ("otherAccount", "43"));
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Disconnect the subscription before it moves");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("x")]
    public async Task What_is_no_account_is_refused_on_the_page_by_its_button_and_by_the_API(string account)
    {
        await using var hub = await AHub.StartAsync();
        var (subscription, id) = await hub.SubscribedAsync();
        using var browser = await ABrowser.SignedInAsync(hub, AHub.AdminKey);
        using var page = await browser.GetAsync($"/subscriptions/{id}/connect?otherAccount={account}");
        page.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var pressed = await browser.PostAsync($"/subscriptions/{id}/connect", ("otherAccount", account));
        pressed.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await hub.SendAsync(HttpMethod.Post, $"{subscription}/connection", $$"""{"otherAccount":{{account}}}""", HttpStatusCode.BadRequest);
        ((string?)(await hub.GetAsync($"{subscription}/connection"))["state"]).ShouldBe("notConnected");
    }

    [Fact]
    public async Task Nothing_is_connected_for_who_is_not_signed_in_and_nothing_of_another_company()
    {
        await using var hub = await AHub.StartAsync();
        var other = await hub.SendAsync(HttpMethod.Post, "/api/companies", """{"name":"Other"}""", HttpStatusCode.Created);
        var (subscription, id) = await hub.SubscribedAsync();
        using var anybody = await ABrowser.Of(hub).PostAsync($"/subscriptions/{id}/connect");
        (anybody.StatusCode, anybody.Headers.Location?.OriginalString).ShouldBe((HttpStatusCode.Found, $"/sign-in?connect={id}"));
        using var signedIn = await ABrowser.SignedInAsync(hub, (string)other["apiKey"]!);
        using var refused = await signedIn.PostAsync($"/subscriptions/{id}/connect");
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var notShown = await signedIn.GetAsync($"/subscriptions/{id}/connect");
        notShown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((string?)(await hub.GetAsync($"{subscription}/connection"))["state"]).ShouldBe("notConnected");
    }

    [Fact]
    public async Task Who_sits_at_this_machine_signs_in_before_anything_is_connected()
    {
        await using var hub = await AHub.StartAsync();
        var (subscription, id) = await hub.SubscribedAsync();
        using var here = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = hub.Service.BaseAddress };
        using var answer = await here.PostAsync(new Uri($"/subscriptions/{id}/connect", UriKind.Relative), null, TestContext.Current.CancellationToken);
        (answer.StatusCode, answer.Headers.Location?.OriginalString).ShouldBe((HttpStatusCode.Found, $"/sign-in?connect={id}"));
        ((string?)(await hub.GetAsync($"{subscription}/connection"))["state"]).ShouldBe("notConnected");
    }

    [Theory]
    [InlineData("/sign-in?connect=https://evil.example")]
    [InlineData("/sign-in?connect=//evil.example")]
    [InlineData("/sign-in?connect=11111111-2222-3333-4444-555555555555&otherAccount=//evil.example")]
    [InlineData("/sign-in?returnUrl=https://evil.example&next=//evil.example")]
    public async Task Signing_in_leads_to_no_other_site(string address)
    {
        await using var hub = await AHub.StartAsync();
        using var answer = await ABrowser.Of(hub).PostAsync(address, ("key", AHub.AdminKey));
        (answer.Headers.Location?.OriginalString ?? "refused").ShouldBe(answer.StatusCode == HttpStatusCode.Found ? "/" : "refused");
        using var page = await ABrowser.Of(hub).GetAsync(address);
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("evil.example");
    }

    [Fact]
    public async Task Without_a_HubSpot_app_the_button_says_where_to_make_one()
    {
        await using var auth = await AnAuth.StartAsync(_ => Task.FromResult(Results.Json(
            new { source = "None", redirectUrl = "http://bus.example/oauth/callback", webhookUrl = "http://bus.example/webhooks/hubspot", scopes = new[] { "oauth" }, warnings = new[] { "none" } })));
        await using var hub = await AHub.StartAsync(auth.Settings);
        var (subscription, id) = await hub.SubscribedAsync();
        using var refused = await (await ABrowser.SignedInAsync(hub, AHub.AdminKey)).PostAsync($"/subscriptions/{id}/connect");
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldSatisfyAllConditions(
            page => page.ShouldContain("This installation has no HubSpot app yet."), page => page.ShouldContain("href=\"/hubspot-app\""));
        await hub.SendAsync(HttpMethod.Post, $"{subscription}/connection", "{}", HttpStatusCode.Conflict);
    }

    private static ConnectTicket? TicketOf(HttpResponseMessage sent) =>
        ConnectTicket.Verify(ServiceKey, HttpUtility.ParseQueryString(sent.Headers.Location!.Query)["ticket"], TimeProvider.System.GetUtcNow());
}
