using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Standalone.Tests;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>What an operator changes, breaks or brings back while records flow, over two replicas of every service.</summary>
[Collection<TwoReplicas>]
public sealed class OperatorTests(TwoReplicas services)
{
    // Long enough for as many to meet as may.
    private const int HubSpotThinks = 1000;

    [Fact]
    public async Task A_changed_number_of_concurrent_batch_executions_holds_while_some_run_and_others_wait()
    {
        var installation = await services.ConnectedAsync(new { concurrentBatchExecutions = 1 });
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "companies.batch.create" }, DelayMilliseconds = HubSpotThinks });

        var began = TimeProvider.System.GetUtcNow();
        await UploadAsync("first", 1000);
        await ServiceUnderTest.UntilAsync(
            () => Task.FromResult(installation.Simulator.Calls.Of("companies.batch.create") >= 2), "batch executions run", TimeSpan.FromMinutes(1));
        await installation.ChangeAsync(new JsonObject { ["concurrentBatchExecutions"] = 3 });
        await installation.SettledAsync();
        (await installation.MostBatchesAtOnceAsync(began)).ShouldBe(3);

        await installation.ChangeAsync(new JsonObject { ["concurrentBatchExecutions"] = 1 });
        var fewer = TimeProvider.System.GetUtcNow();
        await UploadAsync("second", 500);
        await installation.SettledAsync();
        (await installation.MostBatchesAtOnceAsync(fewer)).ShouldBe(1);

        (await installation.Account.RecordsAsync("companies")).Count.ShouldBe(1500);
        await installation.NoErrorsAsync();

        Task UploadAsync(string prefix, int count) => installation.Api.UploadAsync(
            $"{installation.Company}/records/companies", Enumerable.Range(1, count).Select(n => Shop.Company($"{prefix}-{n}")));
    }

    [Fact]
    public async Task Keys_lost_on_the_way_pause_the_subscription_and_nothing_is_lost_once_it_is_connected_again()
    {
        var installation = await services.ConnectedAsync();
        await NorthwindTests.LoadAsync(installation);
        await NorthwindTests.MoreCallsAsync(installation, 8);

        var auth = installation.Replicas(AnInstallationOfProcesses.Auth);
        await Task.WhenAll(auth.Select(a => a.KillAsync()));
        Directory.Delete(Path.Combine(installation.Folder, "keys"), recursive: true);
        await Task.WhenAll(auth.Select(a => a.StartAsync()));
        await ServiceUnderTest.UntilAsync(async () => (await installation.ConnectionAsync()).State == "paused", "the subscription is paused", TimeSpan.FromMinutes(1));
        (await installation.ConnectionAsync()).Reason.ShouldNotBeNull().ShouldContain("Restore the keys folder, or connect the subscription again.");
        (await installation.IsSettledAsync()).ShouldBeFalse("the rest waits");

        await installation.ReconnectAsync();
        await NorthwindTests.ArrivedAsync(installation);
    }

    [Fact]
    public async Task A_subscription_that_is_deleted_while_it_runs_ends_without_an_error_and_the_next_one_arrives_whole()
    {
        var installation = await services.ConnectedAsync();
        await NorthwindTests.LoadAsync(installation);
        await NorthwindTests.MoreCallsAsync(installation, 12);
        var deleted = installation.SubscriptionId;
        (await installation.BatchesUnderWayAsync(deleted)).ShouldBeGreaterThan(0);

        // Connecting the next one deletes it first.
        installation = await services.ConnectedAsync();
        await NorthwindTests.LoadAsync(installation);
        await NorthwindTests.ArrivedAsync(installation);

        await ServiceUnderTest.UntilAsync(
            async () => await installation.BatchesUnderWayAsync(deleted) == 0, "no batch execution of it runs", TimeSpan.FromMinutes(2));
        await installation.NoErrorsAsync();
    }

    [Fact]
    public async Task A_backup_of_the_middle_that_is_restored_after_the_end_runs_on_and_HubSpot_gets_nothing_twice()
    {
        var installation = await services.ConnectedAsync();
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { PathContains = "/crm/objects/" }, DelayMilliseconds = HubSpotThinks });
        await NorthwindTests.LoadAsync(installation);
        await ServiceUnderTest.UntilAsync(
            () => Task.FromResult(installation.Simulator.Calls.Of("orders.batch.create") >= 3), "orders are written", TimeSpan.FromMinutes(2));
        await installation.BackUpAsync();
        (await installation.IsSettledAsync()).ShouldBeFalse("it is the middle");
        installation.Simulator.Faults.Clear();
        await installation.SettledAsync();

        await installation.RestoreAsync();

        // What HubSpot has got since the backup is found by its key, when it is created once more.
        await NorthwindTests.ArrivedAsync(installation, mayConflict: true);
    }

    /// <summary>The pause ends while nobody hears it: the services start in their order, on a broker without queues.</summary>
    [Fact]
    public async Task A_backup_of_a_paused_subscription_doubles_nothing_where_no_key_is_unique()
    {
        var installation = await services.ConnectedAsync(before: (simulator, account) => simulator.Switch(
            account, new PortalSwitches { UniquePropertiesTaken = ["companies", "contacts", "products", "orders", "line_items"] }));
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { PathContains = "/crm/objects/" }, DelayMilliseconds = HubSpotThinks });
        await NorthwindTests.LoadAsync(installation);
        await ServiceUnderTest.UntilAsync(
            () => Task.FromResult(installation.Simulator.Calls.Of("orders.batch.create") >= 3), "orders are written", TimeSpan.FromMinutes(2));
        installation.Simulator.Faults.Clear();
        installation.Simulator.Faults.Add(Fault.Moving(retryAfterSeconds: 30));
        await ServiceUnderTest.UntilAsync(
            async () => (await installation.ConnectionAsync()).State == "paused", "the subscription is paused", TimeSpan.FromMinutes(1));
        await installation.BackUpAsync();
        (await installation.ConnectionAsync()).State.ShouldBe("paused");
        (await installation.IsSettledAsync()).ShouldBeFalse("it is the middle");
        await installation.SettledAsync();

        await installation.RestoreAsync();

        await NorthwindTests.ArrivedAsync(installation, mayConflict: true);
    }

    [Fact]
    public async Task Every_queue_is_kept_by_a_quorum_drops_nothing_and_outlasts_the_longest_handler()
    {
        var installation = await services.ConnectedAsync();
        await installation.Api.UploadAsync($"{installation.Company}/records/companies", [Shop.Company("F1")]);
        await installation.SettledAsync();

        var queues = await installation.QueuesAsync();
        foreach (var service in new[] { "map-customers", "transfer-customers", "transfer-products", "transfer-transactions" })
            queues.Keys.ShouldContain(service);
        queues.Values.ShouldAllBe(q => q.Durable);
        var kept = queues.Values.Where(q => !q.Name.EndsWith("_error", StringComparison.Ordinal) && !q.Name.EndsWith("_skipped", StringComparison.Ordinal)).ToList();
        kept.ShouldAllBe(q => (string?)q.Arguments["x-queue-type"] == "quorum" && (long?)q.Arguments["x-delivery-limit"] == -1
            && (long?)q.Arguments["x-consumer-timeout"] == 3_600_000);
        kept.Where(q => (bool?)q.Arguments["x-single-active-consumer"] == true).Select(q => q.Name)
            .ShouldBe(kept.Select(q => q.Name).Where(n => n.StartsWith("batch-executions-", StringComparison.Ordinal)), ignoreOrder: true);
    }
}
