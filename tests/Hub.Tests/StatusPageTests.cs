using System.Net;
using System.Net.Http.Headers;
using System.Text;
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
        using var page = await OpenAsync(hub, from: null, user: null);
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
        using var page = await OpenAsync(hub, from: null, user: null);
        (await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("not revoked at HubSpot yet", StringComparison.Ordinal).ShouldBe(shown);
    }

    [Theory]
    [InlineData(false)] // a proxy that this process was not told to believe
    [InlineData(true)]
    public async Task From_elsewhere_the_status_page_opens_with_the_administrators_key_as_password_and_with_nothing_else(bool believesProxy)
    {
        await using var hub = await AHub.StartAsync(believesProxy ? new Dictionary<string, string?> { ["ForwardedHeaders_Enabled"] = "true" } : null);
        await hub.ConnectedAsync("""{"name":"The shop's secret plan"}""");
        foreach (var user in new[] { null, "Basic", "Basic !!", Basic(AHub.AdminKey), Basic(":"), Basic($"admin:{AHub.AdminKey}x"), Basic($"admin:{hub.CompanyKey}"), $"Bearer {AHub.AdminKey}" })
        {
            using var refused = await OpenAsync(hub, Elsewhere, user);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, user);
            refused.Headers.WwwAuthenticate.ToString().ShouldContain("Basic realm=\"HubSpotBus\"");
            (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("secret plan");
        }

        using var page = await OpenAsync(hub, Elsewhere, Basic($"anybody:{AHub.AdminKey}"));
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpResponseMessage> OpenAsync(AHub hub, string? from, string? user)
    {
        using var http = hub.Service.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (from is not null)
            request.Headers.Add("X-Forwarded-For", from);
        if (user is not null)
            request.Headers.TryAddWithoutValidation("Authorization", user);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Basic(string pair) => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))).ToString();
}
