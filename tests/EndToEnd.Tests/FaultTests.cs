using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Standalone.Tests;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Northwind over two replicas of every service while HubSpot misbehaves or is slow.</summary>
[Collection<TwoReplicas>]
public sealed class FaultTests(TwoReplicas services, RealServers servers)
{
    private static readonly NorthwindFiles Files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));

    [Fact]
    public async Task HubSpot_refuses_locks_moves_and_loses_answers()
    {
        var installation = await services.ConnectedAsync();
        var faults = installation.Simulator.Faults;
        var objects = new FaultMatch { PathContains = "/crm/objects/" };
        faults.Add(new Fault { Match = objects, Status = 429, RetryAfterSeconds = 1, Rate = 0.05, Seed = 1 });
        faults.Add(new Fault { Match = objects, Status = 423, Rate = 0.05, Seed = 2 });
        faults.Add(new Fault { Match = objects, Status = 502, Rate = 0.05, Seed = 3 });
        faults.Add(new Fault { Match = objects, Status = 0, When = "after", Rate = 0.05, Seed = 4 });
        faults.Add(new Fault { Match = objects, Status = 477, RetryAfterSeconds = 2, Rate = 0.01, Seed = 35 });
        var before = installation.Simulator.Calls.Total;

        await NorthwindTests.LoadAsync(installation);
        await NorthwindTests.ArrivedAsync(installation, mayConflict: true);

        var calls = installation.Simulator.Calls;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{calls.Total - before} calls, of them refused or lost: {string.Join(", ", new[] { 0, 423, 429, 477, 502 }.Select(s => $"{calls.Answered(s)} x {s}"))}");
        new[] { 0, 423, 429, 477, 502 }.ShouldAllBe(status => calls.Answered(status) > 0);
    }

    /// <summary>The replica that runs the batch executions stops as it would on a machine that hangs; when it goes on, others have its slots.</summary>
    [Fact]
    public async Task The_replica_that_runs_the_batches_stands_still_for_a_minute_and_a_half()
    {
        var installation = await KillTests.OnlyTransactionsFlowAsync(services, concurrentBatchExecutions: 2);
        foreach (var write in new[] { "orders.batch.create", "line_items.batch.create" })
            installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = write }, DelayMilliseconds = 60_000, Times = 1 });
        await installation.Api.UploadAsync($"{installation.Company}/records/transactions", KillTests.Transactions("stalled", 3 * KillTests.Orders));
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(installation.Simulator.Calls.Of("orders.batch.create") > 0), "HubSpot writes the orders", TimeSpan.FromMinutes(1));

        var runs = await installation.ReplicaThatRunsBatchesAsync();
        IReadOnlyList<Guid> held = [];
        await ServiceUnderTest.UntilAsync(async () => (held = await installation.SlotTokensAsync()).Count == 2, "both slots are held");
        await runs.StallAsync();
        await Task.Delay(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        (await installation.SlotTokensAsync()).Intersect(held).ShouldBeEmpty("another replica holds the slots, or freed them");
        await runs.GoOnAsync();

        await installation.SettledAsync();
        await KillTests.ShouldBeWholeAsync(installation, 3 * KillTests.Orders);
        (await installation.MostBatchesAtOnceAsync()).ShouldBe(2);
        var batches = (await installation.Api.GetAsync($"{installation.Subscription}/batch-executions"))["items"]!.AsArray();
        (batches.Count, batches.Sum(b => (int)b!["postponed"]!)).ShouldBe((3, 0));
    }

    /// <summary>Sixty seconds of the setting are two here. Slots are held for long, and the connection is paused for longer.</summary>
    [Fact]
    public async Task At_five_calls_in_the_window_and_with_a_long_pause_it_only_takes_longer()
    {
        var unthrottled = await CallsOfOneProcessAsync();
        var installation = await services.ConnectedAsync(new { apiThrottleLimit = 5, apiThrottleSeconds = 2, concurrentBatchExecutions = 10 });
        await NorthwindTests.LoadAsync(installation);
        await NorthwindTests.MoreCallsAsync(installation, 12);
        installation.Simulator.Faults.Add(Fault.Moving(retryAfterSeconds: 60));

        await NorthwindTests.ArrivedAsync(installation, batchExecutions: 10);

        var calls = installation.Simulator.Calls;
        calls.Answered(477).ShouldBe(1);
        installation.Calls(TimeSpan.FromSeconds(2)).MaxInSlidingWindow.ShouldBeLessThanOrEqualTo(5);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{calls.Total} calls, unthrottled {unthrottled.Values.Sum()}; different: {string.Join(", ", calls.ByKind.Where(k => k.Value != unthrottled.GetValueOrDefault(k.Key)).Select(k => $"{k.Key} {k.Value} instead of {unthrottled.GetValueOrDefault(k.Key)}"))}");
        (calls.Total - 1).ShouldBeLessThanOrEqualTo((int)Math.Ceiling(unthrottled.Values.Sum() * 1.05));
        // No saga was begun anew: each transfer was in one batch execution, and that one ended it.
        var batches = (await installation.Api.GetAsync($"{installation.Subscription}/batch-executions?pageSize=200"))["items"]!.AsArray();
        (batches.Sum(b => (int)b!["records"]!), batches.Sum(b => (int)b!["postponed"]!)).ShouldBe((1089, 0));
        // The broker says so when it closes a channel, for a consumer that takes too long as for any other reason.
        (await servers.BrokerLogAsync()).ShouldNotContain("channel exception");
    }

    private static async Task<IReadOnlyDictionary<string, int>> CallsOfOneProcessAsync()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await AnInstallation.UploadAsync(installation.Hub, installation.Company, Files.ToDemo());
        await installation.SettledAsync();
        return installation.Simulator.Calls.ByKind;
    }
}
