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
    [InlineData("client_id=hubspotbus-demo&redirect_uri=http://localhost/")]
    public async Task A_request_that_HubSpot_would_not_take_shows_an_error_and_redirects_nowhere(string query)
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.GetAsync("/oauth/authorize?" + query);

        said.Status.ShouldBe(400);
        said.Location.ShouldBeNull();
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
