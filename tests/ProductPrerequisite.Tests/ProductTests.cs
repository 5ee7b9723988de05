using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Testing;
using MassTransit;
using Shouldly;
using Xunit;
using Fault = HubSpotBus.HubSpotSimulator.Faults.Fault;

namespace HubSpotBus.ProductPrerequisite.Tests;

public sealed class ProductTests
{
    private static readonly Guid Subscription = new("aaaaaaaa-0000-0000-0000-000000000001");

    [Fact]
    public async Task A_product_is_created_for_a_new_SKU_and_asked_again_costs_no_call()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        var ensured = await EnsureAsync(service, ["A"], [Product("P1", "A")]);
        ensured.Products.Keys.ShouldBe(["A"]);
        (await EnsureAsync(service, ["A"], [Product("P1", "A")])).Products.ShouldBe(ensured.Products);

        hubSpot.Simulator.Calls.Total.ShouldBe(1);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Five_batches_at_once_that_need_the_same_new_SKU_create_it_once_without_a_conflict()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => service.SendAsync(Ensure(["A"], [Product("P1", "A")]))));
        for (var i = 0; i < 5; i++)
            (await service.NextAsync<ProductsEnsured>()).Missing.ShouldBeEmpty();

        hubSpot.Simulator.Calls.Of("products.batch.create").ShouldBe(1);
        hubSpot.Simulator.Calls.Answered(409).ShouldBe(0);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_variant_brings_its_parent_product()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        var ensured = await EnsureAsync(service, ["A-L"], [Product("P1", "A"), Product("P1-L", "A-L", parent: "P1"), Product("P2", "B")]);

        ensured.Products.Keys.ShouldContain("A-L");
        hubSpot.Simulator.Store.Portal(ASimulatedHubSpot.PortalId).Records("products")
            .Select(r => r.Properties["hs_sku"]).Order().ShouldBe(["A", "A-L"]);
    }

    [Fact]
    public async Task Without_the_prerequisite_nothing_is_created_what_HubSpot_has_is_found_and_the_rest_says_what_to_do()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        await EnsureAsync(service, ["A"], [Product("P1", "A")]);
        hubSpot.Simulator.Calls.Reset();
        await service.ReadAsync<ProductDb, int>(db =>
        {
            db.SkuLinks.RemoveRange(db.SkuLinks);
            return db.SaveChangesAsync();
        });

        await service.SendAsync(Ensure(["A", "B"], [Product("P2", "B")]) with { CreateMissing = false });
        var ensured = await service.NextAsync<ProductsEnsured>();

        ensured.Products.Keys.ShouldBe(["A"]);
        ensured.Missing.Single().Problem.Message.ShouldContain("switch the setting on");
        hubSpot.Simulator.Calls.ByKind.Keys.ShouldBe(["products.batch.read"]);
    }

    [Fact]
    public async Task A_SKU_that_neither_hub_nor_HubSpot_knows_is_missing_with_the_reason()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        (await EnsureAsync(service, ["X"], [])).Missing.Single().Problem.Message.ShouldContain("Send the product to the hub");
    }

    [Fact]
    public async Task A_HubSpot_out_of_reach_is_a_fact_with_a_reason()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        hubSpot.Simulator.Faults.Add(new Fault { Status = 503 });

        await service.SendAsync(Ensure(["A"], [Product("P1", "A")]));

        (await service.NextAsync<ProductsNotEnsured>()).Reason.ShouldContain("tried again");
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_transfer_has_one_outcome_for_each_product_and_what_befell_a_variant_belongs_to_it()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        await service.SendAsync(new WriteProducts
        {
            BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Backfill = false,
            Products = [Product("P1", "A"), Product("P2", "B"), Product("P1-L", "A-L", parent: "P1"), Product("P2-L", "A", parent: "P2")],
            Rejected = [new RejectedRecord { DataType = Contracts.Records.DataType.Product, Id = "P3", Problems = [new() { Message = "no name" }] }],
        });
        var outcomes = (await service.NextAsync<ProductsTransferred>()).Outcomes.ToDictionary(o => o.Id);

        outcomes.Keys.Order().ShouldBe(["P1", "P2", "P3"]);
        outcomes["P1"].Result.ShouldBe(TransferResult.Transferred);
        outcomes["P2"].Result.ShouldBe(TransferResult.Parked);
        outcomes["P3"].Result.ShouldBe(TransferResult.Parked);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, 2)] // the create, and its repetition by key
    public async Task No_call_is_begun_after_the_batchs_deadline_and_none_is_waited_for_past_it(int deadlineInSeconds, int calls)
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        hubSpot.Simulator.Faults.Add(new Fault { Status = 503 });

        await service.SendAsync(new WriteProducts
        {
            BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Backfill = false,
            Products = [Product("P1", "A")], Rejected = [], NotAfter = TimeProvider.System.GetUtcNow().AddSeconds(deadlineInSeconds),
        });

        (await service.NextAsync<ProductsTransferred>()).Outcomes.Single().Result.ShouldBe(TransferResult.Postponed);
        hubSpot.Simulator.Calls.Total.ShouldBeLessThanOrEqualTo(calls);
    }

    [Fact]
    public async Task Products_are_not_ensured_after_the_batchs_deadline()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        await service.SendAsync(Ensure(["A"], [Product("P1", "A")]) with { NotAfter = TimeProvider.System.GetUtcNow().AddSeconds(-1) });

        (await service.NextAsync<ProductsNotEnsured>()).Reason.ShouldContain("deadline");
        hubSpot.Simulator.Calls.Total.ShouldBe(0);
    }

    private static Task<ServiceUnderTest> StartAsync(ASimulatedHubSpot hubSpot) => ServiceUnderTest.StartAsync(
        builder => builder.AddProductPrerequisite(),
        bus =>
        {
            bus.AddProductPrerequisiteConsumers();
            bus.SpyOnFact<ProductsEnsured>();
            bus.SpyOnFact<ProductsNotEnsured>();
            bus.SpyOnFact<ProductsTransferred>();
        },
        settings: hubSpot.Settings);

    private static async Task<ProductsEnsured> EnsureAsync(ServiceUnderTest service, string[] skus, MappedProduct[] products)
    {
        await service.SendAsync(Ensure(skus, products));
        return await service.NextAsync<ProductsEnsured>();
    }

    private static EnsureProducts Ensure(string[] skus, MappedProduct[] products) => new()
    {
        BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Skus = skus, Products = products, CreateMissing = true, Backfill = false,
    };

    private static MappedProduct Product(string id, string sku, string? parent = null) => new()
    {
        Id = id, Sku = sku, ParentId = parent, Version = 1, TrackingId = "t",
        Properties = new Dictionary<string, string> { ["name"] = id, ["hs_sku"] = sku },
    };
}
