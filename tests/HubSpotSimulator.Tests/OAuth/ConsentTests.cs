using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.OAuth;

public sealed class ConsentTests
{
    [Fact]
    public async Task Approving_brings_a_code_and_the_state_back()
    {
        await using var simulator = await ASimulator.StartAsync();

        var back = await simulator.ConsentAsync("approve");

        back["state"].ShouldBe("a state & more");
        back["code"].ShouldNotBeEmpty();
        back.ShouldNotContainKey("error");
    }

    [Fact]
    public async Task Denying_brings_an_error_and_the_state_back()
    {
        await using var simulator = await ASimulator.StartAsync();

        var back = await simulator.ConsentAsync("deny");

        back["error"].ShouldBe("access_denied");
        back["error_description"].ShouldNotBeEmpty();
        back["state"].ShouldBe("a state & more");
        back.ShouldNotContainKey("code");
    }

    [Fact]
    public async Task The_chosen_account_is_the_one_connected()
    {
        await using var simulator = await ASimulator.StartAsync();

        var back = await simulator.ConsentAsync("approve", portalId: "87654321", start: "/oauth/87654321/authorize");

        ((long)(await simulator.RedeemAsync(back["code"])).Body["hub_id"]!).ShouldBe(87654321);
    }

    [Theory]
    [InlineData("client_id=another&redirect_uri=http://localhost/&scope=oauth")]
    [InlineData("client_id=hubspotbus-demo&redirect_uri=nowhere&scope=oauth")]
    [InlineData("client_id=hubspotbus-demo&redirect_uri=http://bus.example/oauth/callback&scope=oauth")]
    [InlineData("client_id=hubspotbus-demo&redirect_uri=http://192.168.0.7/oauth/callback&scope=oauth")]
    [InlineData("client_id=hubspotbus-demo&redirect_uri=http://localhost/")]
    public async Task A_request_that_HubSpot_would_not_take_shows_an_error_and_redirects_nowhere(string query)
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.GetAsync("/oauth/authorize?" + query);

        said.Status.ShouldBe(400);
        said.Location.ShouldBeNull();
    }

    [Theory]
    [InlineData("https://bus.example/oauth/callback")]
    [InlineData("http://localhost:5100/oauth/callback")]
    [InlineData("http://127.0.0.1/oauth/callback")]
    [InlineData("http://[::1]:5100/oauth/callback")]
    public async Task A_user_is_sent_back_by_https_or_to_the_own_computer(string redirect)
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.GetAsync($"/oauth/authorize?client_id=hubspotbus-demo&scope=oauth&redirect_uri={Uri.EscapeDataString(redirect)}");

        said.Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("https://bus.example/oauth/callback", "oauth crm.objects.contacts.read", null)]
    [InlineData("https://bus.example/oauth/callback?more=1", "oauth crm.objects.contacts.read", "The redirect URL https://bus.example/oauth/callback?more=1 is not among")]
    [InlineData("http://localhost/oauth/callback", "oauth crm.objects.contacts.read", "The redirect URL http://localhost/oauth/callback is not among")]
    [InlineData("https://bus.example/oauth/callback", "oauth", "does not ask for: crm.objects.contacts.read.")]
    public async Task An_app_that_registered_a_redirect_URL_and_required_scopes_is_held_to_them(string redirect, string scope, string? problem)
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions
        {
            RedirectUris = ["https://bus.example/oauth/callback"], RequiredScopes = ["oauth", "crm.objects.contacts.read"],
        });
        var asked = $"/oauth/authorize?client_id=hubspotbus-demo&optional_scope=crm.objects.contacts.read"
            + $"&scope={Uri.EscapeDataString(scope)}&redirect_uri={Uri.EscapeDataString(redirect)}";

        var said = await simulator.GetAsync(asked);

        said.Status.ShouldBe(problem is null ? 200 : 400);
        said.Location.ShouldBeNull();
        System.Net.WebUtility.HtmlDecode(said.Text).ShouldContain(problem ?? "Sign in to HubSpot");
    }

    [Fact]
    public async Task What_the_app_sends_is_shown_as_text()
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.GetAsync(
            "/oauth/authorize?client_id=hubspotbus-demo&redirect_uri=http://localhost/&scope=oauth&state=%22%3E%3Cscript%3E");

        said.Text.ShouldNotContain("<script>");
    }
}
