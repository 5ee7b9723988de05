using HubSpotBus.Samples.Northwind;
using HubSpotBus.Standalone.Tests;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Northwind over two replicas of every service ends the same, whatever dies on its way.</summary>
[Collection<TwoReplicas>]
public sealed class NorthwindTests(TwoReplicas services, RealServers servers)
{
    // So tight that Northwind works at them all the time.
    private static readonly object Tight = new { apiThrottleLimit = 10, apiThrottleSeconds = 2, concurrentConnections = 2, concurrentBatchExecutions = 3 };

    private static readonly NorthwindFiles Files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));

    [Fact]
    public async Task Northwind_arrives_whole_and_once_within_every_limit()
    {
        var installation = await services.ConnectedAsync();
        var setUp = installation.Simulator.Calls.Total;

        await LoadAsync(installation);

        await ArrivedAsync(installation);
        installation.Simulator.Calls.Total.ShouldBeLessThanOrEqualTo(80);
        await installation.NoSecretsInLogsAsync();
        var memory = AnInstallationOfProcesses.Services.Select(s => $"{s} {string.Join(" and ", installation.Replicas(s).Select(r => r.Megabytes))}");
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"Memory: resident MB of each replica after Northwind ({installation.Simulator.Calls.Total - setUp} calls, set-up {setUp}): "
            + string.Join(", ", memory));
    }

    [Fact]
    public async Task One_replica_of_every_service_is_killed_halfway()
    {
        var installation = await services.ConnectedAsync(Tight);
        await LoadAsync(installation);

        foreach (var service in AnInstallationOfProcesses.Services)
        {
            await MoreCallsAsync(installation, 3);
            await installation.Replicas(service)[0].KillAsync();
        }

        await ArrivedWithinTightLimitsAsync(installation);
        KillTests.Tell("one of two replicas of each of the six services halfway: Northwind whole and once, no limit exceeded");
    }

    [Fact]
    public async Task The_broker_and_the_database_are_killed_and_start_again()
    {
        var installation = await services.ConnectedAsync(Tight);
        await LoadAsync(installation);

        await MoreCallsAsync(installation, 8);
        await servers.KillBrokerAsync();
        await servers.StartBrokerAsync();
        await MoreCallsAsync(installation, 8);
        await servers.KillDatabaseAsync();
        await servers.StartDatabaseAsync();

        await ArrivedWithinTightLimitsAsync(installation);
        KillTests.Tell("RabbitMQ and PostgreSQL, once each: Northwind whole and once, no limit exceeded");
    }

    [Fact]
    public async Task The_network_to_the_broker_is_cut_for_half_a_minute()
    {
        var installation = await services.ConnectedAsync(Tight);
        await LoadAsync(installation);

        await MoreCallsAsync(installation, 8);
        installation.ToBroker.Cut();
        await Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        installation.ToBroker.Mend();

        await ArrivedWithinTightLimitsAsync(installation);
        KillTests.Tell("the network to RabbitMQ for 30 s: Northwind whole and once, no limit exceeded");
    }

    internal static Task LoadAsync(AnInstallationOfProcesses installation) =>
        AnInstallation.UploadAsync(installation.Api, installation.Company, Files.ToDemo());

    // Calls are what the work is made of: after some more of them it is somewhere else.
    internal static async Task MoreCallsAsync(AnInstallationOfProcesses installation, int more)
    {
        var seen = installation.Simulator.Calls.Total;
        await ServiceUnderTest.UntilAsync(
            () => Task.FromResult(installation.Simulator.Calls.Total >= seen + more), $"{more} more calls", TimeSpan.FromMinutes(2));
    }

    private static async Task ArrivedWithinTightLimitsAsync(AnInstallationOfProcesses installation)
    {
        await ArrivedAsync(installation, batchExecutions: 3);
        var calls = installation.Calls(TimeSpan.FromSeconds(2));
        calls.MaxInSlidingWindow.ShouldBeLessThanOrEqualTo(10);
        calls.MaxAtOnce.ShouldBeLessThanOrEqualTo(2);
    }

    internal static async Task ArrivedAsync(AnInstallationOfProcesses installation, bool mayConflict = false, int batchExecutions = 5)
    {
        var summary = await installation.SettledAsync();
        foreach (var (type, count) in new[] { ("companies", 91), ("customers", 91), ("products", 77), ("transactions", 830) })
            ((int?)summary["transfers"]![type]!["transferred"]).ShouldBe(count, summary.ToJsonString());
        (await NorthwindCheck.DifferencesAsync(installation.Account, Files)).ShouldBeEmpty();
        foreach (var (type, count) in new[] { ("companies", 91), ("contacts", 91), ("products", 77), ("orders", 830), ("line_items", 2155) })
            (await installation.Account.RecordsAsync(type)).Count.ShouldBe(count, type);
        (await installation.MostBatchesAtOnceAsync()).ShouldBeLessThanOrEqualTo(batchExecutions);
        var calls = installation.Simulator.Calls;
        if (!mayConflict)
            calls.Answered(409).ShouldBe(0);
        var counts = installation.Calls(TimeSpan.FromSeconds(60));
        counts.MaxInSlidingWindow.ShouldBeLessThanOrEqualTo(500);
        counts.MaxAtOnce.ShouldBeLessThanOrEqualTo(5);
        await installation.NoErrorsAsync();
    }
}
