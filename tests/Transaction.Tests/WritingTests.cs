using System.Text.Json.Nodes;
using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Testing;
using HubSpotBus.Transactions.Transferring;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using Fault = HubSpotBus.HubSpotSimulator.Faults.Fault;
using FaultMatch = HubSpotBus.HubSpotSimulator.Faults.FaultMatch;

namespace HubSpotBus.Transactions.Tests;

/// <summary>The whole service against a simulated HubSpot; mapping, customers and products answered by the test.</summary>
public sealed class WritingTests : IAsyncLifetime
{
    private ASimulatedHubSpot _hubSpot = null!;
    private ServiceUnderTest _service = null!;
    private string _contact = "";
    private string _company = "";
    private string _product = "";

    public async ValueTask InitializeAsync()
    {
        _hubSpot = await ASimulatedHubSpot.StartAsync();
        _company = await _hubSpot.CreateAsync("companies", new { name = "Firm" });
        _contact = await _hubSpot.CreateAsync("contacts", new { lastname = "Smith" });
        _product = await _hubSpot.CreateAsync("products", new { name = "Thing", hs_sku = "SKU-1" });
        _hubSpot.Simulator.Calls.Reset();
        _service = await ServiceUnderTest.StartAsync(
            builder =>
            {
                builder.AddTransaction();
                builder.Services.Configure<SagaRetryOptions>(options => options.FirstDelay = TimeSpan.FromMilliseconds(1));
            },
            bus =>
            {
                bus.AddTransactionConsumers();
                bus.SpyOnOrder<MapTransactions>();
                bus.SpyOnOrder<EnsureCustomers>();
                bus.SpyOnOrder<EnsureProducts>();
                bus.SpyOnFact<TransactionsTransferred>();
            },
            settings: _hubSpot.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.NoDeadLettersAsync();
        await _service.DisposeAsync();
        await _hubSpot.DisposeAsync();
    }

    [Fact]
    public async Task An_order_is_created_with_contact_and_company_and_its_lines_with_order_and_product_in_two_calls()
    {
        var outcome = await TransferAsync(ATransfer.MappedTransaction("T1", 1, "4", ATransfer.Line("1"), ATransfer.Line("2")));

        outcome.Result.ShouldBe(TransferResult.Transferred);
        var order = (await _hubSpot.RecordsAsync("orders")).Single();
        order["id"]!.GetValue<string>().ShouldBe(outcome.HubSpotId);
        To(order, "contacts").ShouldBe([_contact]);
        To(order, "companies").ShouldBe([_company]);
        var lines = await _hubSpot.RecordsAsync("line_items");
        To(order, "line_items").Order().ShouldBe(lines.Select(l => (string)l["id"]!).Order());
        lines.ShouldAllBe(l => (string?)l["properties"]!["hs_product_id"] == _product);
        _hubSpot.Simulator.Calls.Total.ShouldBe(2);
    }

    [Fact]
    public async Task An_order_in_a_currency_that_HubSpot_does_not_take_any_more_is_parked_with_that_reason_and_the_next_is_written()
    {
        var mapped = new[] { "CHF", "USD" }.Select(currency => ATransfer.MappedTransaction(currency) with
        {
            Properties = new Dictionary<string, string> { ["hs_order_name"] = currency, ["hs_currency_code"] = currency },
        });

        var outcomes = await TransferAllAsync([.. mapped]);

        (outcomes["CHF"].Result, outcomes["USD"].Result).ShouldBe((TransferResult.Parked, TransferResult.Transferred));
        outcomes["CHF"].Problems.Single().Message
            .ShouldBe("\"CHF\" is not among the options of \"hs_currency_code\" in HubSpot. Add the option in HubSpot or change the record.");
        (await _hubSpot.RecordsAsync("line_items")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_that_lacks_what_administrators_require_of_its_like_is_parked_with_the_property()
    {
        _hubSpot.Simulator.Switch(ASimulatedHubSpot.PortalId, new PortalSwitches
        {
            ConditionallyRequired = new Dictionary<string, IReadOnlyList<ConditionalRule>>
            {
                ["orders"] = [new() { Property = "hs_order_name", Value = "T1", Requires = ["hs_tags"] }],
            },
        });

        var outcomes = await TransferAllAsync(ATransfer.MappedTransaction("T1"), ATransfer.MappedTransaction("T2"));

        (outcomes["T1"].Result, outcomes["T2"].Result).ShouldBe((TransferResult.Parked, TransferResult.Transferred));
        outcomes["T1"].Problems.Single().Message.ShouldBe("This HubSpot account requires \"hs_tags\". Fill it in the record or map it.");
    }

    [Fact]
    public async Task The_same_again_costs_no_call_and_is_unchanged()
    {
        await TransferAsync(ATransfer.MappedTransaction("T1"));
        _hubSpot.Simulator.Calls.Reset();

        (await TransferAsync(ATransfer.MappedTransaction("T1", version: 2))).Result.ShouldBe(TransferResult.Unchanged);

        _hubSpot.Simulator.Calls.Total.ShouldBe(0);
    }

    [Fact]
    public async Task Only_the_changed_line_is_written_the_removed_one_archived_and_then_the_total()
    {
        await TransferAsync(ATransfer.MappedTransaction("T1", 1, "6", ATransfer.Line("1"), ATransfer.Line("2"), ATransfer.Line("3")));
        var before = await LineIdsAsync();
        _hubSpot.Simulator.Calls.Reset();

        (await TransferAsync(ATransfer.MappedTransaction("T1", 2, "8", ATransfer.Line("1"), ATransfer.Line("2", quantity: "3"))))
            .Result.ShouldBe(TransferResult.Transferred);

        var calls = _hubSpot.Simulator.Calls;
        (calls.Total, calls.Of("line_items.batch.update"), calls.Of("line_items.batch.archive"), calls.Of("orders.batch.update")).ShouldBe((3, 1, 1, 1));
        var after = await LineIdsAsync();
        after.Keys.Order().ShouldBe(["hub1:T1/1", "hub1:T1/2"]);
        after.ShouldAllBe(l => before[l.Key] == l.Value);
        ((string?)(await _hubSpot.RecordsAsync("orders")).Single()["properties"]!["hs_total_price"]).ShouldBe("8");
    }

    [Fact]
    public async Task A_line_of_a_newer_version_than_the_batchs_is_not_one_that_the_hub_removed()
    {
        await TransferAsync(ATransfer.MappedTransaction("T1", 2, "4", ATransfer.Line("1"), ATransfer.Line("2")));

        await TransferAsync(ATransfer.MappedTransaction("T1", 1, "2", ATransfer.Line("1")));

        (await LineIdsAsync()).Keys.Order().ShouldBe(["hub1:T1/1", "hub1:T1/2"]);
    }

    [Fact]
    public async Task After_the_batchs_deadline_no_step_is_begun_and_its_transactions_are_postponed()
    {
        var outcome = (await TransferAllAsync(
            TransactionTarget.Order, TimeProvider.System.GetUtcNow().AddSeconds(-1), ATransfer.MappedTransaction("T1")))["T1"];

        outcome.Result.ShouldBe(TransferResult.Postponed);
        outcome.Problems.Single().Message.ShouldContain("deadline");
        _hubSpot.Simulator.Calls.Total.ShouldBe(0);
    }

    [Fact]
    public async Task Transactions_whose_ids_begin_alike_or_differ_in_case_keep_their_own_lines()
    {
        await TransferAsync(ATransfer.MappedTransaction("t1"));
        await TransferAsync(ATransfer.MappedTransaction("T1/1"));
        await TransferAsync(ATransfer.MappedTransaction("T1", 1, "4", ATransfer.Line("1/1"), ATransfer.Line("1")));
        await TransferAsync(ATransfer.MappedTransaction("T1", 2, "2", ATransfer.Line("1")));

        (await LineIdsAsync()).Keys.Order(StringComparer.Ordinal).ShouldBe(["hub1:T1%2F1/1", "hub1:T1/1", "hub1:t1/1"]);
    }

    [Theory]
    [InlineData(TransactionTarget.Order, "orders")]
    [InlineData(TransactionTarget.Deal, "deals")]
    public async Task A_refused_line_parks_its_transaction_as_incomplete_marks_it_so_and_the_retry_writes_only_what_is_missing_and_takes_the_mark_back(
        TransactionTarget target, string type)
    {
        var bad = ATransfer.Line("2", quantity: "three");
        var outcomes = await TransferAllAsync(target, Transaction("T1", 1, ATransfer.Line("1"), bad), Transaction("T2", 1, ATransfer.Line("1")));

        outcomes["T2"].Result.ShouldBe(TransferResult.Transferred);
        outcomes["T1"].Result.ShouldBe(TransferResult.Parked);
        outcomes["T1"].Problems.Single().Message.ShouldStartWith("It is incomplete in HubSpot: line 2 was refused.");
        outcomes["T1"].Problems.Single().Field.ShouldBe("quantity");
        (await MarksAsync(type)).ShouldBe(new Dictionary<string, string?> { ["T1"] = outcomes["T1"].Problems.Single().Message, ["T2"] = null }, ignoreOrder: true);
        // The transactions, the lines, and the mark: refused, so that its property is looked for and made, and written.
        _hubSpot.Simulator.Calls.Total.ShouldBe(2 + 4);
        _hubSpot.Simulator.Calls.Reset();

        (await TransferAllAsync(target, Transaction("T1", 2, ATransfer.Line("1"), ATransfer.Line("2")))).Values.Single().Result.ShouldBe(TransferResult.Transferred);

        var calls = _hubSpot.Simulator.Calls;
        (calls.Total, calls.Of("line_items.batch.create"), calls.Of($"{type}.batch.update")).ShouldBe((2, 1, 1));
        (await LineIdsAsync()).Count.ShouldBe(3);
        (await MarksAsync(type)).Values.ShouldAllBe(mark => mark == null);
        _hubSpot.Simulator.Calls.Reset();

        (await TransferAllAsync(target, Transaction("T1", 3, ATransfer.Line("1"), ATransfer.Line("2")))).Values.Single().Result.ShouldBe(TransferResult.Unchanged);
        _hubSpot.Simulator.Calls.Total.ShouldBe(0);

        MappedTransaction Transaction(string id, long version, params MappedLine[] lines) => target == TransactionTarget.Order
            ? ATransfer.MappedTransaction(id, version, "4", lines)
            : ATransfer.MappedDeal(id, version, "4", lines);
    }

    [Fact]
    public async Task What_stays_incomplete_is_marked_by_one_call_each_time_and_a_mark_that_gets_lost_is_made_again()
    {
        var bad = ATransfer.MappedTransaction("T1", 1, "4", ATransfer.Line("1"), ATransfer.Line("2", quantity: "three"));
        await TransferAsync(bad);
        _hubSpot.Simulator.Calls.Reset();
        _hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "orders.batch.update" }, Status = 503, Times = 1 });

        (await TransferAsync(bad)).Result.ShouldBe(TransferResult.Parked);

        // Twice the refused line and the mark: the step failed once.
        (_hubSpot.Simulator.Calls.Of("line_items.batch.create"), _hubSpot.Simulator.Calls.Of("orders.batch.update")).ShouldBe((2, 2));
        (await MarksAsync("orders")).Values.Single()!.ShouldContain("line 2 was refused");
        (await _service.ReadAsync<TransactionDb, int>(db => db.IncompleteMarks.CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task An_account_that_refuses_the_property_has_no_mark_and_the_transaction_is_parked_all_the_same()
    {
        _hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "*properties.create" }, Status = 400 });

        var outcome = await TransferAsync(ATransfer.MappedTransaction("T1", 1, "4", ATransfer.Line("1"), ATransfer.Line("2", quantity: "three")));

        outcome.Result.ShouldBe(TransferResult.Parked);
        outcome.Problems.Single().Message.ShouldContain("line 2 was refused");
        _service.Log.All.ShouldContain(line => line.Contains("Transaction T1 is incomplete in HubSpot and could not be marked so"));
    }

    [Fact]
    public async Task A_line_step_that_fails_three_times_writes_the_order_once_and_the_lines_once()
    {
        foreach (var kind in new[] { "line_items.batch.create", "line_items.batch.upsert" })
            _hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = kind }, Status = 503, Times = kind.EndsWith("create", StringComparison.Ordinal) ? 1 : 3 });

        (await TransferAsync(ATransfer.MappedTransaction("T1"))).Result.ShouldBe(TransferResult.Transferred);

        _hubSpot.Simulator.Calls.Of("orders.batch.create").ShouldBe(1);
        (await _hubSpot.RecordsAsync("orders")).Count.ShouldBe(1);
        (await LineIdsAsync()).Count.ShouldBe(1);
        (await _service.ReadAsync<TransactionDb, int>(db => db.Transfers.CountAsync())).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_line_that_was_begun_never_heard_of_again_and_removed_in_the_hub_does_not_stay_in_HubSpot(bool keyIsUnique)
    {
        if (!keyIsUnique)
            await MakeLineKeyNotUniqueAsync();
        await TransferAsync(ATransfer.MappedTransaction("T1"));
        await _hubSpot.CreateAsync("line_items", new { name = "Orphan", hub_line_id = "hub1:T1/9" });
        await _service.ReadAsync<TransactionDb, int>(db =>
        {
            db.Links.Add(new Link { SubscriptionId = ATransfer.Subscription, ObjectType = ObjectTypes.LineItems, HubId = "T1/9", PartOf = "T1" });
            return db.SaveChangesAsync();
        });

        await TransferAsync(ATransfer.MappedTransaction("T1", version: 2));

        (await LineIdsAsync()).Keys.ShouldBe(["hub1:T1/1"]);
    }

    [Fact]
    public async Task A_transaction_whose_product_is_missing_is_parked_before_anything_of_it_is_written()
    {
        var outcome = await TransferAsync(ATransfer.MappedTransaction("T1", 1, "4", ATransfer.Line("1"), ATransfer.Line("2", sku: "SKU-9")));

        outcome.Result.ShouldBe(TransferResult.Parked);
        outcome.Problems.Single().Message.ShouldContain("SKU-9");
        _hubSpot.Simulator.Calls.Total.ShouldBe(0);
    }

    private async Task MakeLineKeyNotUniqueAsync()
    {
        await _hubSpot.ReplaceKeyPropertyAsync("line_items", "hub_line_id");
        await _service.ReadAsync<TransactionDb, int>(async db =>
        {
            await ExistingRecords.LearnAsync(db, ATransfer.Subscription, ObjectTypes.LineItems, keyIsUnique: false, CancellationToken.None);
            return 0;
        });
    }

    private async Task<TransferOutcome> TransferAsync(MappedTransaction transaction) => (await TransferAllAsync(transaction))[transaction.Id];

    private async Task<Dictionary<string, string?>> MarksAsync(string type) => (await _hubSpot.RecordsAsync(type)).ToDictionary(
        r => ((string)r["properties"]!["hub_transaction_id"]!).Split(':')[1], r => (string?)r["properties"]!["hub_incomplete"]);

    private Task<Dictionary<string, TransferOutcome>> TransferAllAsync(params MappedTransaction[] transactions) =>
        TransferAllAsync(TransactionTarget.Order, transactions);

    private Task<Dictionary<string, TransferOutcome>> TransferAllAsync(TransactionTarget target, params MappedTransaction[] transactions) =>
        TransferAllAsync(target, null, transactions);

    private async Task<Dictionary<string, TransferOutcome>> TransferAllAsync(
        TransactionTarget target, DateTimeOffset? notAfter, params MappedTransaction[] transactions)
    {
        var batch = NewId.NextGuid();
        var order = ATransfer.Of(batch, [.. transactions.Select(t => ATransfer.Transaction(t.Id))]);
        await _service.SendAsync(order with { Settings = order.Settings with { TransactionsBecome = target }, NotAfter = notAfter });
        await _service.NextAsync<MapTransactions>();
        await _service.PublishAsync(ATransfer.Mapped(batch, transactions));
        await _service.NextAsync<EnsureCustomers>();
        await _service.PublishAsync(ATransfer.CustomersEnsured(batch, contact: _contact, company: _company));
        await _service.NextAsync<EnsureProducts>();
        await _service.PublishAsync(ATransfer.ProductsEnsured(batch, product: _product));
        return (await _service.NextAsync<TransactionsTransferred>()).Outcomes.ToDictionary(o => o.Id);
    }

    private async Task<Dictionary<string, string>> LineIdsAsync() => (await _hubSpot.RecordsAsync("line_items"))
        .ToDictionary(l => (string)l["properties"]!["hub_line_id"]!, l => (string)l["id"]!);

    private static IEnumerable<string> To(JsonNode record, string type) => ((JsonArray?)record["associations"]?[type] ?? [])
        .Select(to => to is JsonObject link ? link["id"]!.ToString() : to!.ToString()).Distinct();
}
