using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.Mappings.Tests;

public sealed class MappingConsumersTests
{
    private readonly Guid _subscription = NewId.NextGuid();
    private readonly Guid _batch = NewId.NextGuid();

    [Fact]
    public async Task A_batch_of_transactions_comes_back_translated_with_all_that_it_refers_to()
    {
        await using var mapping = await AMapping.StartAsync();
        var nameless = Northwind.Order with { Id = "10251", CustomerId = "NOBODY" };

        await mapping.SendAsync(new MapTransactions
        {
            BatchId = _batch,
            SubscriptionId = _subscription,
            Settings = Northwind.Settings,
            Transactions = [Northwind.Order.Snapshot(5), nameless.Snapshot(6)],
            Companies = [Northwind.Berglunds.Snapshot(2)],
            Customers = [Northwind.Christina.Snapshot(3)],
            Products = [Northwind.Shirt.Snapshot(4)],
        });

        var mapped = await mapping.NextAsync<TransactionsMapped>();
        (mapped.BatchId, mapped.SubscriptionId, mapped.Settings).ShouldBe((_batch, _subscription, Northwind.Settings));
        mapped.Transactions.Select(t => (t.Id, t.Version, t.CompanyId, t.Lines.Count)).ShouldBe([("10250", 5, "BERGS", 3)]);
        mapped.Transactions[0].Properties.Keys.ShouldBe(mapped.Transactions[0].Properties.Keys.Order(StringComparer.Ordinal));
        mapped.Companies.Select(c => c.Id).ShouldBe(["BERGS"]);
        mapped.Customers.Select(c => c.Id).ShouldBe(["BERGS"]);
        mapped.Products.Select(p => p.Id).ShouldBe(["P1", "V1", "V2"]);
        mapped.Rejected.Select(r => (r.DataType, r.Id)).ShouldBe([(DataType.Transaction, "10251")]);
        mapping.Log.All.ShouldContain(line => line.Contains("Transaction 10250 version 5 (track-5) translated"));
        mapping.Log.All.ShouldContain(line => line.Contains("Transaction 10251 version 6 (track-6) cannot be translated: 1 problems"));
        await mapping.QuietAsync();
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Batches_of_customers_and_of_products_come_back_translated()
    {
        await using var mapping = await AMapping.StartAsync();
        var notAfter = new DateTimeOffset(2026, 9, 8, 7, 6, 5, TimeSpan.Zero);
        await mapping.SendAsync(new MapCustomers
        {
            BatchId = _batch, SubscriptionId = _subscription, Settings = Northwind.Settings, Backfill = true, NotAfter = notAfter,
            Companies = [Northwind.Berglunds.Snapshot()],
                Customers = [Northwind.Christina.Snapshot(), new CustomerRecord { Id = "EMPTY" }.Snapshot()],
        });
        await mapping.SendAsync(new MapProducts
        {
            BatchId = _batch, SubscriptionId = _subscription, Settings = Northwind.Settings, Backfill = false, NotAfter = notAfter,
                Products = [Northwind.Chai.Snapshot()],
        });

        var customers = await mapping.NextAsync<CustomersMapped>();
        customers.Backfill.ShouldBeTrue();
        (customers.Companies.Count, customers.Customers.Count, customers.Rejected.Single().Id).ShouldBe((1, 1, "EMPTY"));
        var products = await mapping.NextAsync<ProductsMapped>();
        products.Backfill.ShouldBeFalse();
        (customers.NotAfter, products.NotAfter).ShouldBe((notAfter, notAfter));
        products.Products.Single().Properties["hs_sku"].ShouldBe("NW-001");
        await mapping.QuietAsync();
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_subscription_gets_its_collections_once()
    {
        await using var mapping = await AMapping.StartAsync();
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await mapping
                .SendAsync(new PrepareMappings { SubscriptionId = _subscription, Attempt = attempt, MappingSet = DefaultCollections.Set });
            (await mapping.NextAsync<MappingsPrepared>()).Attempt.ShouldBe(attempt);
        }

        var stored = await mapping.ReadAsync<MappingDb,
            List<StoredCollection>>(db => db.Collections.Where(c => c.SubscriptionId == _subscription).ToListAsync());
        stored.Select(c => c.Kind).Order().ShouldBe(Enum.GetValues<CollectionKind>());
        stored.ShouldAllBe(c => c.Version == 0);
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Without_default_mappings_a_record_is_rejected_with_that_reason_and_with_them_it_goes_on()
    {
        await using var mapping = await AMapping.StartAsync();
        var saved = AMapping.Saved(_subscription, TransactionTarget.Order, 1);
        await mapping.PublishAsync(saved with { Transfers = saved.Transfers with { CreateDefaultMappings = false } });
        await mapping.QuietAsync();
        await mapping.SendAsync(new PrepareMappings { SubscriptionId = _subscription, Attempt = 1, MappingSet = DefaultCollections.Set });
        await mapping.NextAsync<MappingsPrepared>();

        await CustomersOf(mapping, NewId.NextGuid(), Northwind.Settings with { CreateDefaultMappings = false });
        var rejected = (await mapping.NextAsync<CustomersMapped>()).Rejected.Single();
        rejected.Problems.Single().Message.ShouldContain("no mapping collection for Customer");

        await mapping.PublishAsync(saved with { Revision = 2 });
        await mapping.QuietAsync();
        await CustomersOf(mapping, NewId.NextGuid());
        (await mapping.NextAsync<CustomersMapped>()).Customers.Count.ShouldBe(1);
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_mapping_set_that_does_not_exist_ends_connecting_with_a_reason()
    {
        await using var mapping = await AMapping.StartAsync();
        await mapping.SendAsync(new PrepareMappings { SubscriptionId = _subscription, Attempt = 1, MappingSet = "1999.1" });
        var failed = await mapping.NextAsync<ConnectingStepFailed>();
        (failed.Step, failed.Transient).ShouldBe(("mappings", false));
        failed.Reason.ShouldBe("There is no mapping set '1999.1'. Choose another version of the integration for the subscription.");
    }

    [Fact]
    public async Task The_next_batch_uses_what_was_prepared_since_the_last()
    {
        await using var mapping = await AMapping.StartAsync();
        await CustomersOf(mapping, NewId.NextGuid());
        (await mapping.NextAsync<CustomersMapped>()).Customers.Single().Properties.ShouldContainKey("fax");

        await mapping.ReadAsync<MappingDb, int>(async db =>
        {
            db.Schemas
                .AddRange(
                AnAccount.Without("fax")
                .Select(s => new StoredSchema { SubscriptionId = _subscription, ObjectType = s.ObjectType, Json = s.ToJson() }));
            return await db.SaveChangesAsync();
        });
        await mapping.SendAsync(new PrepareMappings { SubscriptionId = _subscription, Attempt = 1, MappingSet = DefaultCollections.Set });
        await mapping.NextAsync<MappingsPrepared>();
        for (var i = 0; i < 2; i++)
        {
            await CustomersOf(mapping, NewId.NextGuid());
            (await mapping.NextAsync<CustomersMapped>()).Customers.Single().Properties.ShouldNotContainKey("fax");
        }

        mapping.Log.All.Count(line => line.Contains("contacts.fax")).ShouldBe(1);
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task The_newest_save_of_a_subscription_decides_what_its_transactions_become()
    {
        await using var mapping = await AMapping.StartAsync();
        foreach (
            var (revision, target) in new[] { (1, TransactionTarget.Order), (3, TransactionTarget.Deal), (2, TransactionTarget.Order) })
        {
            await mapping.PublishAsync(AMapping.Saved(_subscription, target, revision));
            await mapping.QuietAsync();
        }

        var kept = await mapping.ReadAsync<MappingDb, Subscription>(db => db.Subscriptions.SingleAsync());
        (kept.Revision, kept.TransactionsBecome).ShouldBe((3, TransactionTarget.Deal));
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task The_currencies_of_the_account_count_as_soon_as_they_are_known_and_change_with_the_next_connect()
    {
        await using var mapping = await AMapping.StartAsync();
        await TransactionIn("CHF");
        (await mapping.NextAsync<TransactionsMapped>()).Rejected.ShouldBeEmpty();

        await IdentifiedAsync("EUR");
        await TransactionIn("CHF");
        (await mapping.NextAsync<TransactionsMapped>()).Rejected.Single().Problems.Single().Field.ShouldBe("currency");
        await TransactionIn("EUR");
        (await mapping.NextAsync<TransactionsMapped>()).Rejected.ShouldBeEmpty();

        await IdentifiedAsync("EUR", "CHF");
        await TransactionIn("CHF");
        (await mapping.NextAsync<TransactionsMapped>()).Rejected.ShouldBeEmpty();
        await mapping.NoDeadLettersAsync();

        async Task IdentifiedAsync(params string[] additional)
        {
            await mapping.PublishAsync(new AccountIdentified
            {
                SubscriptionId = _subscription, Attempt = 1, HubSpotAccountId = 42, Account = new AccountAbilities { Currencies = ["USD", .. additional] },
            });
            await mapping.QuietAsync();
        }

        Task TransactionIn(string currency) => mapping.SendAsync(new MapTransactions
        {
            BatchId = NewId.NextGuid(), SubscriptionId = _subscription, Settings = Northwind.Settings,
            Transactions = [(Northwind.Order with { CustomerId = null, Currency = currency }).Snapshot()],
        });
    }

    [Fact]
    public async Task Guests_come_back_among_the_customers()
    {
        await using var mapping = await AMapping.StartAsync();
        await mapping.SendAsync(new MapTransactions
        {
            BatchId = _batch, SubscriptionId = _subscription, Settings = Northwind.Settings,
            Transactions = [(Northwind.Order with { CustomerId = null, Guest = new GuestRecord { Email = "gus@example.com" } }).Snapshot()],
        });

        var mapped = await mapping.NextAsync<TransactionsMapped>();
        var guest = mapped.Customers.Single(c => c.IsGuest);
        mapped.Transactions.Single().CustomerId.ShouldBe(guest.Id);
        await mapping.NoDeadLettersAsync();
    }

    private Task CustomersOf(ServiceUnderTest mapping, Guid batch, TransferSettings? settings = null) => mapping.SendAsync(new MapCustomers
    {
        BatchId = batch, SubscriptionId = _subscription, Settings = settings ?? Northwind.Settings, Backfill = false,
            Customers = [Northwind.Christina.Snapshot()],
    });
}
