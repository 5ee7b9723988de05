using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
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

        (await NorthwindCheck.DifferencesAsync(new HubSpotAccount(simulator.CreateClient(), NorthwindFiles.HubSpotAccountId), NorthwindTests.Files)).ShouldBeEmpty();
        foreach (var (type, count) in new[] { ("companies", 91), ("customers", 91), ("products", 77), ("transactions", 830) })
            ((int?)summary["transfers"]![type]!["transferred"]).ShouldBe(count, summary.ToJsonString());
        simulator.Calls.Answered(409).ShouldBe(0);
        process.DeadLetters().ShouldBe(0);
        TestContext.Current.TestOutputHelper!.WriteLine($"{simulator.Calls.Total - setUp} calls with {Kills} kills");
        ((JsonArray)(await hub.GetAsync($"{subscription}/batch-executions"))["items"]!).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Connecting_ends_connected_although_the_process_is_killed_in_each_step_that_is_seen()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero, LatencyMilliseconds = 200 });
        await using var process = new AProcess(simulator);
        await process.StartAsync();
        using var http = new HttpClient { BaseAddress = process.Address };
        var hub = new HubApi(http);
        hub.SignInWith(AnInstallation.AdminKey);
        var company = $"/api/companies/{(await hub.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        var made = await hub.PostAsync($"{company}/subscriptions", new { name = "HubSpot - Test", apiUrl = simulator.BaseAddress.ToString() });
        var subscription = $"{company}/subscriptions/{made["id"]}";
        var link = await hub.PostAsync($"{subscription}/connection", new { });
        await Consent.ApproveAsync(new Uri((string)link["authorizeUrl"]!), NorthwindFiles.HubSpotAccountId);

        HashSet<string> killed = [];
        while (true)
        {
            var step = "";
            await ServiceUnderTest.UntilAsync(
                async () => (step = await StepAsync()) is "Ready" or "Failed" || (step.Length > 0 && !killed.Contains(step)), "the next step is seen");
            if (step is "Ready" or "Failed")
                break;
            killed.Add(step);
            await process.KillAsync();
            await process.StartAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"killed in {string.Join(", ", killed)}");
        killed.Count.ShouldBeGreaterThanOrEqualTo(3);
        await ServiceUnderTest.UntilAsync(
            async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "connected", "the subscription is connected");

        async Task<string> StepAsync() => (string?)(await hub.GetAsync($"{subscription}/connection"))["grant"]?["connecting"] ?? "";
    }
}
