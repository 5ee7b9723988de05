using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>The process is killed between any two lines, again and again; what it left behind is enough to go on.</summary>
public sealed class KillTests
{
    private const int Kills = 10;

    [Fact]
    public async Task Northwind_arrives_whole_and_once_although_the_process_is_killed_ten_times_on_the_way()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        await using var process = new AProcess(simulator);
        await process.StartAsync();
        using var http = new HttpClient { BaseAddress = process.Address };
        var hub = new HubApi(http);
        hub.SignInWith(AnInstallation.AdminKey);
        var (company, subscription) = await AnInstallation.SubscribeAsync(hub, simulator);
        var setUp = simulator.Calls.Total;
        await NorthwindTests.LoadAsync(hub, company);

        for (var kill = 1; kill <= Kills; kill++)
        {
            // Calls are what the work is made of: killed after some more of them, whatever else goes on at that moment.
            var (seen, more) = (simulator.Calls.Total, kill % 4);
            await ServiceUnderTest.UntilAsync(
                async () => simulator.Calls.Total >= seen + more || AnInstallation.IsSettled(await hub.GetAsync($"{subscription}/summary")),
                "HubSpot is called again");
            await process.KillAsync();
            await process.StartAsync();
        }

        JsonNode summary = await AnInstallation.SettledAsync(hub, subscription);

        (await new HubSpotAccount(simulator.CreateClient(), Demo.HubSpotAccountId).DifferencesAsync(NorthwindTests.Files)).ShouldBeEmpty();
        foreach (var (type, count) in new[] { ("companies", 91), ("customers", 91), ("products", 77), ("transactions", 830) })
            ((int?)summary["transfers"]![type]!["transferred"]).ShouldBe(count, summary.ToJsonString());
        simulator.Calls.Answered(409).ShouldBe(0);
        TestContext.Current.TestOutputHelper!.WriteLine($"{simulator.Calls.Total - setUp} calls with {Kills} kills");
        ((JsonArray)(await hub.GetAsync($"{subscription}/batch-executions"))["items"]!).ShouldNotBeEmpty();
    }
}
