using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Testing;
using MassTransit;
using Shouldly;
using Xunit;
using Fault = HubSpotBus.HubSpotSimulator.Faults.Fault;

namespace HubSpotBus.Customers.Tests;

/// <summary>Guests of transactions: whoever has the e-mail address, or a new contact.</summary>
public sealed class GuestTests : IAsyncLifetime
{
    private static readonly Guid Subscription = NewId.NextGuid();
    private ASimulatedHubSpot _hubSpot = null!;
    private ServiceUnderTest _service = null!;

    public async ValueTask InitializeAsync()
    {
        _hubSpot = await ASimulatedHubSpot.StartAsync();
        _service = await ServiceUnderTest.StartAsync(
            builder => builder.AddCustomer(),
            bus =>
            {
                bus.AddCustomerConsumers();
                bus.SpyOnFact<CustomersEnsured>();
                bus.SpyOnFact<CustomersTransferred>();
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
    public async Task A_guest_that_HubSpot_does_not_know_becomes_a_contact_without_our_key_by_two_calls_and_then_costs_none()
    {
        var ensured = await EnsureAsync(Guest("gus@example.com"));

        var contact = (await _hubSpot.RecordsAsync("contacts")).Single();
        ensured.Customers.ShouldBe(new Dictionary<string, string> { ["guest:gus@example.com"] = (string)contact["id"]! });
        ((string?)contact["properties"]!["firstname"]).ShouldBe("Gus");
        ((string?)contact["properties"]!["hub_customer_id"]).ShouldBeNull();
        _hubSpot.Simulator.Calls.Total.ShouldBe(2);
        (await EnsureAsync(Guest("gus@example.com"))).Customers.ShouldBe(ensured.Customers);
        _hubSpot.Simulator.Calls.Total.ShouldBe(2);
    }

    [Fact]
    public async Task A_contact_that_is_there_is_found_and_stays_as_it_is()
    {
        var there = await _hubSpot.CreateAsync("contacts", new { email = "gus@example.com", firstname = "August", hub_customer_id = "other:9" });
        _hubSpot.Simulator.Calls.Reset();

        (await EnsureAsync(Guest("gus@example.com"), Guest("new@example.com"))).Customers["guest:gus@example.com"].ShouldBe(there);

        _hubSpot.Simulator.Calls.Total.ShouldBe(2);
        var contacts = await _hubSpot.RecordsAsync("contacts");
        contacts.Count.ShouldBe(2);
        contacts.Select(c => c["properties"]!).Single(p => (string?)p["email"] == "gus@example.com")["firstname"]!.ToString().ShouldBe("August");
    }

    [Fact]
    public async Task A_guest_that_registers_later_is_the_same_contact()
    {
        var guest = (await EnsureAsync(Guest("gus@example.com"))).Customers.Values.Single();

        await _service.SendAsync(new WriteCustomers
        {
            BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Backfill = false, Companies = [], Rejected = [],
            Customers = [Contact("C1", "gus@example.com", isGuest: false)],
        });
        var outcome = (await _service.NextAsync<CustomersTransferred>()).Outcomes.Single();

        (outcome.Result, outcome.HubSpotId).ShouldBe((TransferResult.Transferred, guest));
        ((string?)(await _hubSpot.RecordsAsync("contacts")).Single()["properties"]!["hub_customer_id"]).ShouldBe("hub1:C1");
    }

    [Fact]
    public async Task A_guest_with_the_address_of_a_new_customer_of_the_same_batch_is_that_customer()
    {
        var ensured = await EnsureAsync(Contact("C1", "gus@example.com", isGuest: false), Guest("gus@example.com"));

        ensured.Customers["guest:gus@example.com"].ShouldBe(ensured.Customers["C1"]);
        (await _hubSpot.RecordsAsync("contacts")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Five_batches_at_once_with_the_same_new_guest_make_one_contact()
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _service.SendAsync(Order(Guest("gus@example.com")))));

        var ids = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            var ensured = await _service.NextAsync<CustomersEnsured>();
            ensured.Rejected.ShouldBeEmpty();
            ids.Add(ensured.Customers.Values.Single());
        }

        ids.Count.ShouldBe(1);
        (await _hubSpot.RecordsAsync("contacts")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_makes_no_second_contact()
    {
        _hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "contacts.batch.create" }, Status = 504, When = "after", Times = 1 });

        (await EnsureAsync(Guest("gus@example.com"))).Customers.Count.ShouldBe(1);

        (await _hubSpot.RecordsAsync("contacts")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_lost_answer_bad_guests_refuse_the_whole_batch_by_e_mail_and_the_others_become_contacts_all_the_same()
    {
        _hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "contacts.batch.create" }, Status = 502, When = "before", Times = 1 });
        var unnamed = Guest("long@example.com") with { Properties = new Dictionary<string, string> { ["email"] = "long@example.com", ["firstname"] = new('x', 65_537) } };

        var ensured = await EnsureAsync([.. Enumerable.Range(1, 6).Select(i => Guest($"guest{i}@example.com")), Guest("nowhere"), unnamed]);

        ensured.Customers.Keys.Order().ShouldBe(Enumerable.Range(1, 6).Select(i => $"guest:guest{i}@example.com"));
        ensured.Rejected.Select(r => r.Id).Order().ShouldBe(["guest:long@example.com", "guest:nowhere"]);
        ensured.Rejected.SelectMany(r => r.Problems).Select(p => p.Field).Order().ShouldBe(["email", "firstname"]);
        (await _hubSpot.RecordsAsync("contacts")).Count.ShouldBe(6);
        // All eight; seven without the one that the refusal names; then the halves of what holds the one that it does not: 3 and 4, 2 and 2, 1 and 1.
        _hubSpot.Simulator.Calls.Of("contacts.batch.upsert").ShouldBe(8);
    }

    private async Task<CustomersEnsured> EnsureAsync(params MappedCustomer[] customers)
    {
        await _service.SendAsync(Order(customers));
        return await _service.NextAsync<CustomersEnsured>();
    }

    private static EnsureCustomers Order(params MappedCustomer[] customers) => new()
    {
        BatchId = NewId.NextGuid(), SubscriptionId = Subscription, Attempt = 1, Links = new LinkRules { HubKey = "hub1" }, Backfill = false, Companies = [], Customers = customers,
    };

    private static MappedCustomer Guest(string email) => Contact($"guest:{email}", email, isGuest: true);

    private static MappedCustomer Contact(string id, string email, bool isGuest) => new()
    {
        Id = id, Version = 1, TrackingId = "t", IsGuest = isGuest,
        Properties = new Dictionary<string, string> { ["email"] = email, ["firstname"] = "Gus" },
    };
}
