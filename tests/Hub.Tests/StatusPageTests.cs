using System.Net;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

public sealed class StatusPageTests
{
    private const string Elsewhere = "203.0.113.7";

    [Fact]
    public async Task On_this_machine_the_status_page_asks_for_no_key()
    {
        await using var hub = await AHub.StartAsync();
        await hub.ConnectedAsync("""{"name":"The shop's secret plan"}""");
        using var page = await OpenAsync(hub);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("secret plan");
    }

    [Theory]
    [InlineData("""{"state":"Disconnected","hubSpotAccountId":4711,"toBeRevoked":true}""", true)]
    [InlineData("""{"state":"Disconnected","toBeRevoked":true}""", true)]
    [InlineData("""{"state":"Connected","hubSpotAccountId":4711}""", false)]
    public async Task What_is_yet_to_be_revoked_at_HubSpot_is_shown(string grant, bool shown)
    {
        await using var auth = await AnAuth.StartAsync(asked => Task.FromResult(
            asked.EndsWith("meter", StringComparison.Ordinal) ? Results.NotFound() : Results.Text(grant, "application/json")));
        await using var hub = await AHub.StartAsync(auth.Settings);
        await hub.ConnectedAsync();
        using var page = await OpenAsync(hub);
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("not revoked at HubSpot yet", StringComparison.Ordinal).ShouldBe(shown);
    }

    [Theory]
    [InlineData(false)] // a proxy that this process was not told to believe
    [InlineData(true)]
    public async Task From_elsewhere_the_status_page_leads_to_signing_in(bool believesProxy)
    {
        await using var hub = await AHub.StartAsync(believesProxy ? new Dictionary<string, string?> { ["ForwardedHeaders_Enabled"] = "true" } : null);
        await hub.ConnectedAsync("""{"name":"The shop's secret plan"}""");
        foreach (var (header, value) in new[] { ("X-Nothing", ""), ("Authorization", $"Bearer {AHub.AdminKey}"), ("Cookie", "hubspotbus_session="), ("Cookie", $"hubspotbus_session={new string('x', 43)}") })
        {
            using var refused = await OpenAsync(hub, Elsewhere, (header, value));
            (refused.StatusCode, refused.Headers.Location?.OriginalString).ShouldBe((HttpStatusCode.Found, "/sign-in"), value);
            (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("secret plan");
        }
    }

    private static async Task<HttpResponseMessage> OpenAsync(AHub hub, string? from = null, (string Name, string Value)? header = null)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = hub.Service.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (from is not null)
            request.Headers.Add("X-Forwarded-For", from);
        if (header is var (name, value))
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
