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
    // Every call, those of the connecting included: properties, pipelines, account, listings, associations, tokens.
    private static readonly Fault[] Misbehaving =
    [
        new() { Status = 429, RetryAfterSeconds = 1, Rate = 0.05, Seed = 1 },
        new() { Status = 423, Rate = 0.05, Seed = 2 },
        new() { Status = 502, Rate = 0.05, Seed = 3 },
        new() { Status = 0, When = "after", Rate = 0.05, Seed = 4 },
        new() { Status = 477, RetryAfterSeconds = 2, Rate = 0.01, Seed = 35 },
    ];

    private static readonly NorthwindFiles Files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));

    [Fact]
    public async Task HubSpot_refuses_locks_moves_and_loses_answers()
    {
        var installation = await services.ConnectedAsync(before: (simulator, _) =>
        {
            foreach (var fault in Misbehaving)
                simulator.Faults.Add(fault);
        });

        await NorthwindTests.LoadAsync(installation);
        await NorthwindTests.ArrivedAsync(installation, mayConflict: true);

        var calls = installation.Simulator.Calls;
        var struck = Misbehaving.Select(f => $"{calls.Answered(f.Status!.Value)} x {f.Status}");
        TestContext.Current.TestOutputHelper!.WriteLine($"{calls.Total} calls, set-up included, of them refused or lost: {string.Join(", ", struck)}");
        Misbehaving.ShouldAllBe(fault => calls.Answered(fault.Status!.Value) > 0);
    }

    /// <summary>The replica that runs the batch executions stops as it would on a machine that hangs; when it goes on, others have its slots.</summary>
    [Fact]
    public async Task The_replica_that_runs_the_batches_stands_still_for_a_minute_and_a_half()
    {
        var installation = await KillTests.OnlyTransactionsFlowAsync(services, concurrentBatchExecutions: 2, apiThrottleLimit: 3, apiThrottleSeconds: 2);
        foreach (var write in new[] { "orders.batch.create", "line_items.batch.create" })
            installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = write }, DelayMilliseconds = 60_000, Times = 2 });
        await installation.Api.UploadAsync($"{installation.Company}/records/transactions", KillTests.Transactions("stalled", 3 * KillTests.Orders));
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(installation.Simulator.Calls.Of("orders.batch.create") > 0), "HubSpot writes the orders", TimeSpan.FromMinutes(1));

        var runs = await installation.ReplicaThatRunsBatchesAsync();
        IReadOnlyList<Guid> held = [];
        await ServiceUnderTest.UntilAsync(async () => (held = await installation.SlotTokensAsync()).Count == 2, "both slots are held");
        await runs.StallAsync();
        await Task.Delay(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        (await installation.SlotTokensAsync()).Intersect(held).ShouldBeEmpty("another replica holds the slots, or freed them");
        (await installation.BatchesUnderWayAsync(installation.SubscriptionId)).ShouldBeGreaterThan(0, "not all that it held is done");
        await runs.GoOnAsync();

        // It goes on where it stood: it says that it lives, with a token that is not the slot's any more.
        await ServiceUnderTest.UntilAsync(async () => await RefusedAsync() > 0, "its write is refused", TimeSpan.FromMinutes(1));
        await installation.SettledAsync();
        await KillTests.ShouldBeWholeAsync(installation, 3 * KillTests.Orders);
        (await installation.MostBatchesAtOnceAsync()).ShouldBe(2);
        var calls = installation.Calls(TimeSpan.FromSeconds(2));
        calls.MaxInSlidingWindow.ShouldBeLessThanOrEqualTo(3);
        calls.MaxAtOnce.ShouldBeLessThanOrEqualTo(5);
        var batches = (await installation.Api.GetAsync($"{installation.Subscription}/batch-executions"))["items"]!.AsArray();
        (batches.Count, batches.Sum(b => (int)b!["postponed"]!)).ShouldBe((3, 0));
        KillTests.Tell(
            $"Hub, the replica that runs the batches, stood still for 90 s: {await RefusedAsync()} writes of it refused, nothing lost, nothing twice");

        async Task<int> RefusedAsync() => (await File.ReadAllLinesAsync(runs.LogFile, TestContext.Current.CancellationToken))
            .Count(l => l.Contains("A write with an old token is refused: slot ", StringComparison.Ordinal));
    }

    /// <summary>
    /// A minute is three seconds here: the window, the deadline of a batch execution and the broker's patience with a consumer. As many batch
    /// executions as may hold a slot for long, and the connection is paused for a quarter of an hour.
    /// </summary>
    [Fact]
    public async Task At_five_calls_in_the_window_and_with_a_long_pause_it_only_takes_longer()
    {
        var unthrottled = await CallsOfOneProcessAsync();
        await using var installation = await AnInstallationOfProcesses.StartAsync(servers, settings: new Dictionary<string, string>
        {
            ["Hub__BatchDeadline"] = "00:02:15",
            ["Hub__LastCall"] = "00:00:36",
        });
        await installation.ShortenConsumerTimeoutAsync(TimeSpan.FromMinutes(3));
        await installation.ConnectAsync(new { apiThrottleLimit = 5, apiThrottleSeconds = 3, concurrentBatchExecutions = 10 });
        var more = KillTests.Transactions("more", 7 * KillTests.Orders);
        await KillTests.UploadPartiesAsync(installation.Api, installation.Company);
        await NorthwindTests.LoadAsync(installation);
        await installation.Api.UploadAsync($"{installation.Company}/records/transactions", more);
        await ServiceUnderTest.UntilAsync(
            async () => (await installation.SlotTokensAsync()).Count == 10, "ten batch executions hold a slot at this moment", TimeSpan.FromMinutes(3));
        installation.Simulator.Faults.Add(Fault.Moving(retryAfterSeconds: 45));

        var summary = await installation.SettledAsync();

        foreach (var (type, count) in new[] { ("companies", 101), ("customers", 101), ("products", 87), ("transactions", 1530) })
            ((int?)summary["transfers"]![type]!["transferred"]).ShouldBe(count, summary.ToJsonString());
        foreach (var (type, count) in new[] { ("companies", 101), ("contacts", 101), ("products", 87), ("orders", 1530), ("line_items", 3555) })
            (await installation.Account.RecordsAsync(type)).Count.ShouldBe(count, type);
        (await installation.MostBatchesAtOnceAsync()).ShouldBe(10);
        var calls = installation.Simulator.Calls;
        calls.Answered(477).ShouldBe(1);
        installation.Calls(TimeSpan.FromSeconds(3)).MaxInSlidingWindow.ShouldBeLessThanOrEqualTo(5);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{calls.Total} calls, unthrottled {unthrottled.Values.Sum()}; different: {string.Join(", ", calls.ByKind.Where(k => k.Value != unthrottled.GetValueOrDefault(k.Key)).Select(k => $"{k.Key} {k.Value} instead of {unthrottled.GetValueOrDefault(k.Key)}"))}");
        (calls.Total - 1).ShouldBeLessThanOrEqualTo((int)Math.Ceiling(unthrottled.Values.Sum() * 1.05));
        // No saga was begun anew: each transfer was in one batch execution, and that one ended it.
        var batches = (await installation.Api.GetAsync($"{installation.Subscription}/batch-executions?pageSize=200"))["items"]!.AsArray();
        (batches.Sum(b => (int)b!["records"]!), batches.Sum(b => (int)b!["postponed"]!)).ShouldBe((1819, 0));
        await installation.NoErrorsAsync();
        // The broker says so when it closes a channel, for a consumer that takes too long as for any other reason.
        (await servers.BrokerLogAsync()).ShouldNotContain("channel exception");
    }

    private static async Task<IReadOnlyDictionary<string, int>> CallsOfOneProcessAsync()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await KillTests.UploadPartiesAsync(installation.Hub, installation.Company);
        await AnInstallation.UploadAsync(installation.Hub, installation.Company, Files.ToDemo());
        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions", KillTests.Transactions("more", 7 * KillTests.Orders));
        await installation.SettledAsync();
        return installation.Simulator.Calls.ByKind;
    }
}
