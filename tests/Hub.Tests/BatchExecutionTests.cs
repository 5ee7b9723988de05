using System.Net;
using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

public sealed class BatchExecutionTests
{
    [Fact]
    public async Task Companies_go_before_their_customers_and_customers_before_their_transactions()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        await hub.PutAsync($"{hub.Company}/records/customers/C1", """{"id":"C1","lastName":"Smith","companyId":"F1"}""");
        await hub.PutAsync($"{hub.Company}/records/transactions/T1", """{"id":"T1","customerId":"C1"}""");

        var companies = await hub.Service.NextAsync<TransferCustomers>();
        companies.Companies.Single().Record.Id.ShouldBe("F1");
        (await hub.TransferAsync(subscription, "customers", "C1"))["state"]!.ToString().ShouldBe("pending");
        await hub.AnswerAsync(companies);
        var customers = await hub.Service.NextAsync<TransferCustomers>();
        customers.Customers.Single().Record.Id.ShouldBe("C1");
        hub.Service.Waiting<TransferTransactions>().ShouldBe(0);
        await hub.AnswerAsync(customers);
        var transactions = await hub.Service.NextAsync<TransferTransactions>();
        transactions.Customers.Single().Record.Id.ShouldBe("C1");
        transactions.Companies.Single().Record.Id.ShouldBe("F1");
        await hub.AnswerAsync(transactions);

        await hub.UntilStateAsync(subscription, "transactions", "T1", "transferred");
        await hub.Service.QuietAsync();
        await hub.Service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Never_more_batch_executions_run_at_once_than_the_setting_says()
    {
        await using var hub = await AHub.StartAsync();
        var consumed = new AtOnce();
        hub.Service.Services.GetRequiredService<IBusControl>().ConnectReceiveObserver(consumed);
        var subscription = await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":2}""");
        await hub.UploadAsync("companies", [.. Enumerable.Range(1, 600).Select(n => $$"""{"id":"F{{n}}","name":"Firm {{n}}"}""")]);

        for (var i = 0; i < 6; i++)
        {
            var order = await hub.Service.NextAsync<TransferCustomers>();
            (await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.CountAsync())).ShouldBeLessThanOrEqualTo(2);
            (await hub.Service.ReadAsync<HubDb, int>(db => db.BatchExecutions.CountAsync(b => b.State == BatchState.Running))).ShouldBeLessThanOrEqualTo(2);
            hub.Service.Waiting<TransferCustomers>().ShouldBeLessThanOrEqualTo(1);
            await hub.AnswerAsync(order);
        }

        await hub.Service.QuietAsync();
        consumed.Most.ShouldBe(2);
        var times = await hub.Service.ReadAsync<HubDb, List<BatchExecution>>(db => db.BatchExecutions.ToListAsync());
        times.Count.ShouldBe(6);
        times.Max(t => times.Count(o => o.SlotTakenAt <= t.SlotTakenAt && t.SlotTakenAt < o.SlotFreedAt)).ShouldBeLessThanOrEqualTo(2);
        ((int)(await hub.GetAsync($"{subscription}/summary"))["transfers"]!["companies"]!["transferred"]!).ShouldBe(600);
        await hub.Service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task However_much_bulk_work_waits_a_live_change_has_at_most_twice_the_setting_before_it()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":2}""");
        await hub.UploadAsync("companies", [.. Enumerable.Range(1, 2500).Select(n => $$"""{"id":"F{{n}}","name":"Firm {{n}}"}""")]);
        var first = await hub.Service.NextAsync<TransferCustomers>();
        (await hub.Service.ReadAsync<HubDb, int>(db => db.BatchExecutions.CountAsync())).ShouldBeLessThanOrEqualTo(2 + 4);

        await hub.PutAsync($"{hub.Company}/records/companies/live", """{"id":"live","name":"Live"}""");
        await ServiceUnderTest.UntilAsync(
            () => hub.Service.ReadAsync<HubDb, bool>(db => db.BatchExecutions.AnyAsync(b => !b.Backfill)), "the live change is planned");
        var before = 0;
        for (var order = first; order.Companies[0].Record.Id != "live"; order = await hub.Service.NextAsync<TransferCustomers>())
        {
            before++;
            await hub.AnswerAsync(order);
        }

        before.ShouldBeLessThanOrEqualTo(2 + 4);
        (await hub.GetAsync($"{subscription}/summary"))["transfers"]!["companies"]!["pending"].ShouldNotBeNull("bulk work still waits");
    }

    [Fact]
    public async Task A_record_changed_during_its_transfer_is_transferred_again_with_the_newest_version()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"First"}""");
        var first = await hub.Service.NextAsync<TransferCustomers>();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Second"}""");
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Third"}""");
        hub.Service.Waiting<TransferCustomers>().ShouldBe(0);

        await hub.AnswerAsync(first);
        var second = await hub.Service.NextAsync<TransferCustomers>();

        second.Companies.Single().Record.Name.ShouldBe("Third");
        second.Companies.Single().Version.ShouldBe(3);
        await hub.AnswerAsync(second);
        await hub.UntilStateAsync(subscription, "companies", "F1", "transferred");
    }

    [Fact]
    public async Task A_parked_record_keeps_its_reason_until_a_later_success_closes_it()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"First"}""");
        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>(), TransferResult.Parked, "HubSpot refused it");
        await hub.UntilStateAsync(subscription, "companies", "F1", "parked");
        (await hub.TransferAsync(subscription, "companies", "F1"))["problems"]![0]!["message"]!.ToString().ShouldBe("HubSpot refused it");

        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Better"}""");
        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>());

        await hub.UntilStateAsync(subscription, "companies", "F1", "transferred");
        (await hub.TransferAsync(subscription, "companies", "F1"))["problems"]!.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_retry_of_all_that_is_parked_is_bulk_work_and_one_of_a_few_goes_at_once(bool all)
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"First"}""");
        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>(), TransferResult.Parked, "HubSpot refused it");
        await hub.UntilStateAsync(subscription, "companies", "F1", "parked");

        var id = (string)(await hub.TransferAsync(subscription, "companies", "F1"))["id"]!;
        await hub.SendAsync(HttpMethod.Post, $"{subscription}/transfers/retry", all ? """{"all":true}""" : $$"""{"ids":["{{id}}"]}""", HttpStatusCode.OK);

        var retried = await hub.Service.NextAsync<TransferCustomers>();
        retried.Backfill.ShouldBe(all);
        await hub.AnswerAsync(retried);
        await hub.UntilStateAsync(subscription, "companies", "F1", "transferred");
    }

    [Fact]
    public async Task A_postponed_record_comes_again_by_itself()
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:RetryUnit"] = "00:00:00.010" });
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"First"}""");

        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>(), TransferResult.Postponed, "HubSpot is not available");
        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>());

        await hub.UntilStateAsync(subscription, "companies", "F1", "transferred");
    }

    [Fact]
    public async Task Records_of_a_batch_that_are_postponed_become_due_together_and_so_come_again_in_one_batch()
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:RetryUnit"] = "01:00:00" });
        await hub.ConnectedAsync();
        await hub.UploadAsync("companies", [.. Enumerable.Range(1, 100).Select(n => $$"""{"id":"F{{n}}","name":"Firm {{n}}"}""")]);

        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>(), TransferResult.Postponed, "HubSpot is not available");
        await hub.Service.QuietAsync();

        (await hub.Service.ReadAsync<HubDb, List<DateTimeOffset>>(db => db.Transfers.Where(t => t.Attempts == 1).Select(t => t.DueAt).ToListAsync()))
            .ShouldSatisfyAllConditions(due => due.Count.ShouldBe(100), due => due.Distinct().ShouldHaveSingleItem());
    }

    [Fact]
    public async Task What_refers_to_a_record_that_the_hub_lacks_is_parked_and_goes_on_by_itself_when_it_comes()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/customers/C1", """{"id":"C1","lastName":"Smith","companyId":"F1"}""");
        await hub.UntilStateAsync(subscription, "customers", "C1", "parked");
        (await hub.TransferAsync(subscription, "customers", "C1"))["problems"]![0]!["message"]!.ToString().ShouldContain("Company F1 is not in the hub");

        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>());
        (await hub.Service.NextAsync<TransferCustomers>()).Customers.Single().Record.Id.ShouldBe("C1");
    }

    [Fact]
    public async Task Nothing_is_planned_while_the_connection_is_paused()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        var id = Guid.Parse(subscription.Split('/')[^1]);
        await hub.Service.PublishAsync(new ConnectionPaused { SubscriptionId = id, Reason = "The account is being moved." });
        await ServiceUnderTest.UntilAsync(async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "paused", "paused");

        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        await hub.Service.QuietAsync();
        (await hub.Service.ReadAsync<HubDb, int>(db => db.BatchExecutions.CountAsync())).ShouldBe(0);
        await hub.Service.PublishAsync(new ConnectionResumed { SubscriptionId = id });

        (await hub.Service.NextAsync<TransferCustomers>()).Companies.Single().Record.Id.ShouldBe("F1");
    }

    [Fact]
    public async Task A_batch_execution_that_misses_its_deadline_is_postponed_and_its_slot_is_free()
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:BatchDeadline"] = "00:00:01", ["Hub:LastCall"] = "00:00:00", ["Hub:RetryUnit"] = "01:00:00" });
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        await hub.Service.NextAsync<TransferCustomers>();

        await hub.UntilStateAsync(subscription, "companies", "F1", "postponed");

        (await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task The_order_names_the_deadline_and_the_batch_is_given_up_only_when_the_last_call_before_it_must_be_over()
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:RetryUnit"] = "01:00:00" });
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        var order = await hub.Service.NextAsync<TransferCustomers>();
        var begun = await hub.Service.ReadAsync<HubDb, BatchExecution>(db => db.BatchExecutions.SingleAsync());
        order.NotAfter!.Value.ShouldBe(begun.SlotTakenAt!.Value.AddMinutes(45), TimeSpan.FromMilliseconds(1));

        await BegunAsync(minutesAgo: 46);
        var lease = await LeaseAsync();
        await ServiceUnderTest.UntilAsync(async () => await LeaseAsync() > lease, "it is looked after");
        lease = await LeaseAsync();
        await ServiceUnderTest.UntilAsync(async () => await LeaseAsync() > lease, "it is looked after again");
        (await hub.TransferAsync(subscription, "companies", "F1"))["state"]!.ToString().ShouldBe("running");

        await BegunAsync(minutesAgo: 58);
        await hub.UntilStateAsync(subscription, "companies", "F1", "postponed");
        (await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.CountAsync())).ShouldBe(0);

        // What the services say later of its end is known: it was postponed once.
        await hub.AnswerAsync(order, TransferResult.Postponed, "The deadline has passed.");
        await hub.Service.QuietAsync();
        (await hub.Service.ReadAsync<HubDb, int>(db => db.Transfers.Select(t => t.Attempts).SingleAsync())).ShouldBe(1);

        Task<DateTimeOffset> LeaseAsync() => hub.Service.ReadAsync<HubDb, DateTimeOffset>(db => db.Slots.Select(s => s.LeaseUntil).SingleAsync());

        Task BegunAsync(int minutesAgo)
        {
            var at = TimeProvider.System.GetUtcNow().AddMinutes(-minutesAgo);
            return hub.Service.ReadAsync<HubDb, int>(db => db.BatchExecutions.ExecuteUpdateAsync(set => set.SetProperty(b => b.SlotTakenAt, at)));
        }
    }

    [Fact]
    public async Task A_replica_that_stood_still_while_another_took_its_slot_writes_nothing()
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:BatchDeadline"] = "00:00:03", ["Hub:LastCall"] = "00:00:00" });
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        var order = await hub.Service.NextAsync<TransferCustomers>();
        var token = NewId.NextGuid();
        await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.ExecuteUpdateAsync(set => set.SetProperty(s => s.Token, token)));

        await ServiceUnderTest.UntilAsync(() => Task.FromResult(hub.Service.Log.All.Any(line => line.Contains("was given to another replica", StringComparison.Ordinal))), "it notices");

        // The other one's slot and batch are as they were, and its answer counts.
        (await hub.Service.ReadAsync<HubDb, Guid>(db => db.Slots.Select(s => s.Token).SingleAsync())).ShouldBe(token);
        (await hub.Service.ReadAsync<HubDb, BatchState>(db => db.BatchExecutions.Select(b => b.State).SingleAsync())).ShouldBe(BatchState.Running);
        await hub.AnswerAsync(order);
        await hub.UntilStateAsync(subscription, "companies", "F1", "transferred");
    }

    [Fact]
    public async Task A_changed_number_of_batch_executions_holds_for_the_next_ones()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":1}""");
        await hub.PutAsync(subscription, """{"name":"HubSpot - Test","concurrentBatchExecutions":3}""");
        await hub.UploadAsync("companies", [.. Enumerable.Range(1, 300).Select(n => $$"""{"id":"F{{n}}","name":"Firm {{n}}"}""")]);

        await ServiceUnderTest.UntilAsync(() => Task.FromResult(hub.Service.Waiting<TransferCustomers>() == 3), "three run at once");
    }

    [Fact]
    public async Task Old_batch_executions_are_forgotten_once_they_are_done_and_what_became_of_their_records_is_not()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        await hub.AnswerAsync(await hub.Service.NextAsync<TransferCustomers>());
        await hub.UntilStateAsync(subscription, "companies", "F1", "transferred");
        await hub.PutAsync($"{hub.Company}/records/companies/F2", """{"id":"F2","name":"Firm"}""");
        await hub.Service.NextAsync<TransferCustomers>();

        (await LeftAsync(TimeProvider.System.GetUtcNow().AddMinutes(-1))).ShouldBe([BatchState.Running, BatchState.Done], ignoreOrder: true);
        (await LeftAsync(TimeProvider.System.GetUtcNow().AddMinutes(1))).ShouldBe([BatchState.Running]);
        (await hub.TransferAsync(subscription, "companies", "F1"))["state"]!.ToString().ShouldBe("transferred");

        Task<List<BatchState>> LeftAsync(DateTimeOffset before) => hub.Service.ReadAsync<HubDb, List<BatchState>>(async db =>
        {
            await db.DeleteOldAsync(before, TestContext.Current.CancellationToken);
            return await db.BatchExecutions.Select(b => b.State).ToListAsync();
        });
    }

    /// <summary>How many orders to run a batch are with a consumer at one moment.</summary>
    private sealed class AtOnce : IReceiveObserver
    {
        private readonly Lock _gate = new();
        private int _now;

        public int Most { get; private set; }

        public Task PreReceive(ReceiveContext context) => Count(context, 1);

        public Task PostReceive(ReceiveContext context) => Count(context, -1);

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Count(context, -1);

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
            where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
            where T : class => Task.CompletedTask;

        private Task Count(ReceiveContext context, int more)
        {
            if (context.InputAddress.AbsolutePath.Contains("batch-executions-", StringComparison.Ordinal))
            {
                lock (_gate)
                    Most = Math.Max(Most, _now += more);
            }

            return Task.CompletedTask;
        }
    }
}
