using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using Fault = HubSpotBus.HubSpotSimulator.Faults.Fault;

namespace HubSpotBus.Customers.Tests;

public sealed class CustomerTests
{
    private static readonly Guid Subscription = new("aaaaaaaa-0000-0000-0000-000000000001");

    [Fact]
    public async Task A_new_company_and_its_contact_are_created_together_and_asked_again_cost_no_call()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        await service.SendAsync(Ensure());
        var ensured = await service.NextAsync<CustomersEnsured>();

        ensured.Companies.Keys.ShouldBe(["F1"]);
        ensured.Customers.Keys.ShouldBe(["C1"]);
        hubSpot.Simulator.Calls.Total.ShouldBe(2);
        await service.SendAsync(Ensure());
        (await service.NextAsync<CustomersEnsured>()).Customers.ShouldBe(ensured.Customers);
        hubSpot.Simulator.Calls.Total.ShouldBe(2);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Five_batches_at_once_that_need_the_same_new_customer_create_it_once_without_a_conflict()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => service.SendAsync(Ensure())));
        for (var i = 0; i < 5; i++)
            (await service.NextAsync<CustomersEnsured>()).Rejected.ShouldBeEmpty();

        hubSpot.Simulator.Calls.Of("contacts.batch.create").ShouldBe(1);
        hubSpot.Simulator.Calls.Of("companies.batch.create").ShouldBe(1);
        hubSpot.Simulator.Calls.Answered(409).ShouldBe(0);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_create_that_was_begun_and_never_heard_of_again_is_settled_by_its_key()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        await service.ReadAsync<CustomerDb, int>(db =>
        {
            // As left by a process that died between its claim and HubSpot's answer.
            db.Links.Add(new Link { SubscriptionId = Subscription, ObjectType = ObjectTypes.Companies, HubId = "F1", ClaimedBy = NewId.NextGuid(), ClaimedUntil = DateTimeOffset.UnixEpoch });
            return db.SaveChangesAsync();
        });

        await service.SendAsync(Ensure());
        (await service.NextAsync<CustomersEnsured>()).Rejected.ShouldBeEmpty();

        hubSpot.Simulator.Calls.Of("companies.batch.create").ShouldBe(0);
        hubSpot.Simulator.Calls.Of("companies.batch.upsert").ShouldBe(1);
        (await service.ReadAsync<CustomerDb, Link>(db => db.Links.SingleAsync(l => l.HubId == "F1"))).HubSpotId.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_HubSpot_out_of_reach_is_a_fact_with_a_reason_and_the_next_attempt_doubles_nothing()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { PathContains = "contacts/batch" }, Status = 503, Times = 2 });

        await service.SendAsync(Ensure());
        var failed = await service.NextAsync<CustomersNotEnsured>();
        failed.Attempt.ShouldBe(1);
        failed.Reason.ShouldContain("tried again");
        await service.SendAsync(Ensure() with { Attempt = 2 });
        (await service.NextAsync<CustomersEnsured>()).Attempt.ShouldBe(2);

        hubSpot.Simulator.Calls.Of("companies.batch.create").ShouldBe(1);
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_create_that_was_refused_before_HubSpot_did_anything_is_made_again_and_not_looked_for()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "contacts.batch.create" }, Status = 429, Times = 1 });

        await service.SendAsync(Ensure());
        await service.NextAsync<CustomersNotEnsured>();
        await service.SendAsync(Ensure());
        (await service.NextAsync<CustomersEnsured>()).Rejected.ShouldBeEmpty();

        hubSpot.Simulator.Calls.ByKind.ShouldBe(new Dictionary<string, int> { ["companies.batch.create"] = 1, ["contacts.batch.create"] = 2 });
        await service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_transfer_has_one_outcome_for_each_record_whatever_became_of_it()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        var order = new WriteCustomers
        {
            BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Backfill = false,
            Companies = [Company("F1")],
            Customers = [Contact("C1", "F1", "a@example.com"), Contact("C2", "F9", null), Contact("C3", null, "not an address")],
            Rejected = [new RejectedRecord { DataType = Contracts.Records.DataType.Customer, Id = "C4", Problems = [new() { Message = "no name" }] }],
        };

        await service.SendAsync(order);
        var outcomes = (await service.NextAsync<CustomersTransferred>()).Outcomes.ToDictionary(o => o.Id);

        outcomes["F1"].Result.ShouldBe(TransferResult.Transferred);
        outcomes["C1"].Result.ShouldBe(TransferResult.Transferred);
        outcomes["C2"].Problems.Single().Message.ShouldContain("Company F9 is not in HubSpot");
        outcomes["C3"].Problems.Single().Message.ShouldContain("e-mail address");
        outcomes["C4"].Problems.Single().Message.ShouldBe("no name");
        outcomes.Values.Count(o => o.Result == TransferResult.Parked).ShouldBe(3);
    }

    [Fact]
    public async Task A_changed_customer_is_updated_by_one_call_an_older_version_is_never_written()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        await WriteAsync(service, Contact("C1", null, "a@example.com", version: 5));

        (await WriteAsync(service, Contact("C1", null, "b@example.com", version: 6))).ShouldBe(TransferResult.Transferred);
        hubSpot.Simulator.Calls.Of("contacts.batch.update").ShouldBe(1);
        (await WriteAsync(service, Contact("C1", null, "old@example.com", version: 4))).ShouldBe(TransferResult.Unchanged);
        (await WriteAsync(service, Contact("C1", null, "b@example.com", version: 7))).ShouldBe(TransferResult.Unchanged);

        // Once more, as after a crash between the write and its outcome: the version did arrive.
        (await WriteAsync(service, Contact("C1", null, "b@example.com", version: 7))).ShouldBe(TransferResult.Transferred);
        hubSpot.Simulator.Calls.Total.ShouldBe(2);
    }

    [Fact]
    public async Task A_contact_that_HubSpot_has_already_becomes_ours_unless_it_carries_another_hubs_key()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        using var http = hubSpot.Simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", "pat-sim-12345678");
        await http.PostAsync("/crm/objects/2026-09/contacts", new StringContent("""{"properties":{"email":"a@example.com"}}"""), TestContext.Current.CancellationToken);
        await http.PostAsync("/crm/objects/2026-09/contacts", new StringContent("""{"properties":{"email":"b@example.com","hub_customer_id":"other:C9"}}"""), TestContext.Current.CancellationToken);

        (await WriteAsync(service, Contact("C1", null, "a@example.com"))).ShouldBe(TransferResult.Transferred);
        (await WriteAsync(service, Contact("C2", null, "b@example.com"))).ShouldBe(TransferResult.Unchanged);
        (await WriteAsync(service, Contact("C2", null, "b@example.com", 2) with { TrackingId = "t2" })).ShouldBe(TransferResult.Unchanged);
        (await WriteAsync(service, Contact("C3", null, "b@example.com"), RecordsOfOtherHubs.Park)).ShouldBe(TransferResult.Parked);
        (await hubSpot.RecordsAsync("contacts")).Select(c => (string?)c["properties"]!["hub_customer_id"]).Order().ShouldBe(["hub1:C1", "other:C9"]);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, 2)] // the create, and its repetition by key
    public async Task No_call_is_begun_after_the_batchs_deadline_and_none_is_waited_for_past_it(int deadlineInSeconds, int calls)
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        hubSpot.Simulator.Faults.Add(new Fault { Status = 503 });

        await service.SendAsync(new WriteCustomers
        {
            BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Backfill = false,
            Companies = [Company("F1")], Customers = [], Rejected = [], NotAfter = TimeProvider.System.GetUtcNow().AddSeconds(deadlineInSeconds),
        });

        (await service.NextAsync<CustomersTransferred>()).Outcomes.Single().Result.ShouldBe(TransferResult.Postponed);
        hubSpot.Simulator.Calls.Total.ShouldBeLessThanOrEqualTo(calls);
    }

    [Fact]
    public async Task The_deadline_of_a_batch_goes_with_it_from_its_order_to_its_writing()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);
        var settings = new TransferSettings
        {
            Links = new LinkRules { HubKey = "hub1" }, MappingSet = "2026.1", TransactionsBecome = TransactionTarget.Order, ProductsAsPrerequisite = true,
        };
        var order = new TransferCustomers
        {
            BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Settings = settings, Backfill = false, NotAfter = TimeProvider.System.GetUtcNow().AddSeconds(-1),
        };

        await service.SendAsync(order);
        var map = await service.NextAsync<MapCustomers>();
        await service.PublishAsync(new CustomersMapped
        {
            BatchId = map.BatchId, SubscriptionId = map.SubscriptionId, Settings = settings, Backfill = false, NotAfter = map.NotAfter,
            Companies = [Company("F1")], Customers = [], Rejected = [],
        });

        (await service.NextAsync<CustomersTransferred>()).Outcomes.Single().Problems.Single().Message.ShouldContain("deadline");
    }

    [Fact]
    public async Task Customers_are_not_ensured_after_the_batchs_deadline()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        await using var service = await StartAsync(hubSpot);

        await service.SendAsync(Ensure() with { NotAfter = TimeProvider.System.GetUtcNow().AddSeconds(-1) });

        (await service.NextAsync<CustomersNotEnsured>()).Reason.ShouldContain("deadline");
        hubSpot.Simulator.Calls.Total.ShouldBe(0);
    }

    private static Task<ServiceUnderTest> StartAsync(ASimulatedHubSpot hubSpot) => ServiceUnderTest.StartAsync(
        builder => builder.AddCustomer(),
        bus =>
        {
            bus.AddCustomerConsumers();
            bus.SpyOnOrder<MapCustomers>();
            bus.SpyOnFact<CustomersEnsured>();
            bus.SpyOnFact<CustomersNotEnsured>();
            bus.SpyOnFact<CustomersTransferred>();
        },
        settings: hubSpot.Settings);

    private static EnsureCustomers Ensure() => new()
    {
        BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Backfill = false,
        Companies = [Company("F1")], Customers = [Contact("C1", "F1", "ann@example.com")],
    };

    private static async Task<TransferResult> WriteAsync(
        ServiceUnderTest service, MappedCustomer contact, RecordsOfOtherHubs others = RecordsOfOtherHubs.Share)
    {
        await service.SendAsync(new WriteCustomers
        {
            BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1", RecordsOfOtherHubs = others }, Backfill = false,
            Companies = [], Customers = [contact], Rejected = [],
        });
        return (await service.NextAsync<CustomersTransferred>()).Outcomes.Single().Result;
    }

    private static MappedCompany Company(string id) =>
        new() { Id = id, Version = 1, TrackingId = "t", Properties = new Dictionary<string, string> { ["name"] = id } };

    private static MappedCustomer Contact(string id, string? companyId, string? email, long version = 1)
    {
        var properties = new Dictionary<string, string> { ["lastname"] = id };
        if (email is not null)
            properties["email"] = email;
        return new MappedCustomer { Id = id, Version = version, TrackingId = "t", CompanyId = companyId, Properties = properties };
    }
}
