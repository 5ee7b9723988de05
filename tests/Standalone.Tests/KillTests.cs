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

    // The first is no state of the saga: what was granted is stored and told in one commit.
    private static readonly string[] ConnectingSteps =
    [
        "Added OutboxMessage ConnectionAuthorised", "ConnectingState IdentifyingAccount", "ConnectingState PreparingProperties",
        "ConnectingState ResolvingCategories", "ConnectingState PreparingMappings", "ConnectingState AdoptingCustomers",
        "ConnectingState AdoptingProducts", "ConnectingState AdoptingTransactions", "ConnectingState Ready",
    ];

    [Fact]
    public async Task Northwind_arrives_whole_and_once_although_the_process_is_killed_ten_times_on_the_way()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        await using var process = new AProcess(simulator);
        await process.StartAsync();
        (await ProcessLimits.CoreFilesAsync(process.Id)).ShouldBe(["0", "0"], "no crash leaves a file with all that the process knows");
        var hub = process.Hub;
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
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"Killed: Standalone, {Kills} times during Northwind ({simulator.Calls.Total - setUp} calls): whole and once, no dead letter");
        ((JsonArray)(await hub.GetAsync($"{subscription}/batch-executions"))["items"]!).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Connecting_ends_connected_although_the_process_is_killed_before_and_after_the_commit_of_each_step()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        await using var process = new AProcess(simulator);
        var killedAt = Path.Combine(process.Folder, "killed-at");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var killing = process.KillAtCommitsAsync(killedAt, "ConnectionAuthorised ConnectingState", enough.Token);
        await process.ListensAsync();
        var hub = process.Hub;
        var subscription = await SubscribeAsync(hub, simulator);
        await await Task.WhenAny(killing, ConnectAsync());
        await enough.CancelAsync();
        await killing;

        var killed = await File.ReadAllLinesAsync(killedAt, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', killed));
        foreach (var (when, step) in ConnectingSteps.SelectMany(s => new[] { ("before", s), ("after", s) }))
            killed.ShouldContain(k => k.StartsWith($"{when} ", StringComparison.Ordinal) && k.Contains(step, StringComparison.Ordinal), $"{when} {step}");
        // Looked for, whatever was killed; there is none.
        ((string?)(await hub.GetAsync($"{subscription}/connection"))["account"]!["categoryProblem"]).ShouldNotBeNull().ShouldContain("Customer tier");
        // The code that was redeemed before the first kill is lost; nothing after that takes another.
        simulator.Calls.Of("oauth.token").ShouldBe(2);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"Killed: Standalone, {killed.Length} times before and after the commits of connecting: connected, one code lost");

        async Task ConnectAsync()
        {
            await UntilHeardAsync(async () =>
            {
                if ((string?)(await hub.GetAsync($"{subscription}/connection"))["grant"]?["state"] == "Connected")
                    return true;
                await hub.ConnectAsync(subscription, NorthwindFiles.HubSpotAccountId);
                return true;
            }, "HubSpot is approved");
            await UntilHeardAsync(
                async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "connected", "the subscription is connected");
        }

        // Who is killed while asked says nothing.
        static Task UntilHeardAsync(Func<Task<bool>> condition, string what) => ServiceUnderTest.UntilAsync(async () =>
        {
            try
            {
                return await condition();
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, what, TimeSpan.FromMinutes(15)); // some twenty starts, on a machine that may have much else to do
    }

    private static async Task<string> SubscribeAsync(HubApi hub, SimulatorHost simulator)
    {
        var company = $"/api/companies/{(await hub.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        var made = await hub.PostAsync($"{company}/subscriptions", new
        {
            name = "HubSpot - Test", apiUrl = simulator.BaseAddress.ToString(), companyCategoryFieldName = "Customer tier",
        });
        return $"{company}/subscriptions/{made["id"]}";
    }
}
