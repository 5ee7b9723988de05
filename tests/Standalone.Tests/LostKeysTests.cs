using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>The rows are there and the keys that their tokens are locked with are not, as after a backup of half of the data folder.</summary>
public sealed class LostKeysTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_start_without_the_keys_pauses_the_subscription_says_to_connect_again_and_goes_on_once_that_is_done(bool isStatic)
    {
        await using var place = await ConnectedAsync(isStatic);

        await place.Process.KillAsync();
        Directory.Delete(place.Keys, recursive: true);
        await place.Process.StartAsync();
        await ShouldSayThatKeysAreLostAsync(place);
        await place.PutCompanyAsync("F2");
        (await place.StateOfAsync("F2")).ShouldBe("pending");

        if (isStatic)
            await place.Hub.PutAsync($"{place.Subscription}/connection/token", new { token = StaticToken });
        await (isStatic
            ? ServiceUnderTest.UntilAsync(async () => (string?)(await place.ConnectionAsync())["state"] == "connected", "the subscription is connected")
            : AnInstallation.ReconnectAsync(place.Hub, place.Subscription, NorthwindFiles.HubSpotAccountId));
        await ShouldHaveArrivedAsync(place, 2);
    }

    [Fact]
    public async Task With_the_keys_brought_back_it_goes_on_by_itself()
    {
        await using var place = await ConnectedAsync(isStatic: false);

        await place.Process.KillAsync();
        Directory.Move(place.Keys, place.Keys + ".aside");
        await place.Process.StartAsync();
        await ShouldSayThatKeysAreLostAsync(place);
        await place.PutCompanyAsync("F2");
        await place.Process.KillAsync();
        Directory.Delete(place.Keys, recursive: true);
        Directory.Move(place.Keys + ".aside", place.Keys);
        await place.Process.StartAsync();

        await ShouldHaveArrivedAsync(place, 2);
    }

    private const string StaticToken = "pat-sim-12345678";

    private static async Task<Place> ConnectedAsync(bool isStatic)
    {
        var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        var place = new Place(simulator, new AProcess(simulator));
        await place.Process.StartAsync();
        (place.Company, place.Subscription) = await AnInstallation.SubscribeAsync(place.Hub, simulator);
        if (isStatic)
        {
            await place.Hub.PutAsync($"{place.Subscription}/connection/token", new { token = StaticToken });
            await ServiceUnderTest.UntilAsync(async () => (bool)(await place.ConnectionAsync())["grant"]!["isStatic"]!, "the token is used");
        }

        await place.PutCompanyAsync("F1");
        await ShouldHaveArrivedAsync(place, 1);
        return place;
    }

    private static async Task ShouldSayThatKeysAreLostAsync(Place place)
    {
        await ServiceUnderTest.UntilAsync(async () => (string?)(await place.ConnectionAsync())["state"] == "paused", "the subscription is paused");
        var connection = await place.ConnectionAsync();
        ((string)connection["reason"]!).ShouldContain("Restore the keys folder, or connect the subscription again.");
        ((string)connection["grant"]!["state"]!).ShouldBe("Revoked");
        connection["grant"]!["token"].ShouldBeNull();
    }

    private static async Task ShouldHaveArrivedAsync(Place place, int companies)
    {
        await AnInstallation.SettledAsync(place.Hub, place.Subscription);
        (await new HubSpotAccount(place.Simulator.CreateClient(), NorthwindFiles.HubSpotAccountId).RecordsAsync("companies")).Count.ShouldBe(companies);
        place.Process.DeadLetters().ShouldBe(0);
    }

    private sealed class Place(SimulatorHost simulator, AProcess process) : IAsyncDisposable
    {
        public SimulatorHost Simulator { get; } = simulator;

        public AProcess Process { get; } = process;

        public HubApi Hub => Process.Hub;

        public string Company { get; set; } = "";

        public string Subscription { get; set; } = "";

        public string Keys => Path.Combine(Process.Folder, "keys");

        public Task<System.Text.Json.Nodes.JsonNode> ConnectionAsync() => Hub.GetAsync($"{Subscription}/connection");

        public async Task PutCompanyAsync(string id) => await Hub.PutAsync($"{Company}/records/companies/{id}", Shop.Company(id));

        public async Task<string> StateOfAsync(string id) =>
            (string)(await Hub.GetAsync($"{Subscription}/transfers?dataType=companies&recordId={id}"))["items"]![0]!["state"]!;

        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            await Simulator.DisposeAsync();
        }
    }
}
