using HubSpotBus.Samples.ProbeAccount;
using HubSpotBus.Samples.ProbeAccount.Facts;
using Shouldly;
using Xunit;
using OrdersObject = HubSpotBus.HubSpotSimulator.Store.OrdersObject;
using PortalSwitches = HubSpotBus.HubSpotSimulator.Store.PortalSwitches;

namespace HubSpotBus.ProbeAccount.Tests;

public sealed class AccountProbeTests
{
    private const string LacksOrders =
        """
        {"status":"error","message":"This app hasn't been granted all required scopes to make this call.","category":"MISSING_SCOPES",
         "errors":[{"message":"One or more of the following scopes are required.",
                    "context":{"requiredGranularScopes":["crm.objects.orders.write"]}}]}
        """;

    private static readonly Fact MakesAndThrows = new(1, "q", "a", async account =>
    {
        await account.UniqueKeyAsync(ObjectType.Contacts);
        await account.MakeAsync(ObjectType.Contacts);
        throw new NotSupportedException("in the middle");
    });

    private static readonly Fact Makes = new(1, "q", "a", async account =>
    {
        await account.UniqueKeyAsync(ObjectType.Contacts);
        return new(await account.MakeAsync(ObjectType.Contacts) is { Length: > 0 } ? "a" : "b");
    });

    [Fact]
    public async Task Every_fact_is_as_the_simulator_does_it_or_cannot_be_asked_and_nothing_is_left()
    {
        await using var simulator = await AProbedSimulator.StartAsync();

        var code = await simulator.ProbeAsync(AllFacts.List, connect: true);

        code.ShouldBe(0, simulator.Output);
        simulator.Rows.Count.ShouldBe(AllFacts.List.Count);
        simulator.Rows.ShouldAllBe(row => row.EndsWith("| as assumed |") || row.EndsWith("| not askable |"));
        simulator.Host.Calls.Answered(429).ShouldBe(0);
        simulator.Lines[^1].ShouldBe($"probe: 49 facts, 41 as assumed, 0 different, 8 not askable, {simulator.Host.Calls.Total} calls");
        await simulator.ShouldBeEmptyAsync();
    }

    [Fact]
    public void All_twelve_points_have_facts() =>
        AllFacts.List.Select(f => f.Point).Distinct().Order().ShouldBe(Enumerable.Range(1, 12));

    [Fact]
    public async Task What_the_account_can_do_comes_first()
    {
        await using var simulator = await AProbedSimulator.StartAsync();

        await simulator.ProbeAsync();

        simulator.Output.ShouldContain("Account 12345678: type ");
        simulator.Output.ShouldContain("currencies USD, time zone US/Eastern (-05:00), hosted in na1");
        simulator.Output.ShouldContain("Limits: 190 calls in 10000 ms");
        simulator.Output.ShouldContain("crm.objects.orders.write");
        foreach (var type in ObjectType.All)
        {
            simulator.Lines.ShouldContain(
                l => l.StartsWith($"{type}: records answer; properties ") && l.EndsWith("a unique property can be made"));
        }

        await simulator.ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task What_HubSpotBus_itself_finds_out_when_it_connects_is_told_for_orders_and_for_deals_and_nothing_of_it_is_left()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Host.Switch(12345678, new PortalSwitches { Orders = OrdersObject.UnknownType, UniquePropertiesRefused = ["products"] });

        await simulator.ProbeAsync([], connect: true);

        simulator.Lines.ShouldContain(l => l.StartsWith("Connected for orders: no (failed: HubSpot's orders could not be prepared. "));
        simulator.Lines.ShouldContain(l => l.StartsWith("Connected for deals: yes; currencies USD; 190 calls in ten seconds; writes companies, ")
            && l.Contains("keys not unique on products; "));
        simulator.Host.Switch(12345678, new PortalSwitches());
        await simulator.ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task An_answer_other_than_assumed_is_told_with_both()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("contacts.archive", 404, """{"status":"error","message":"resource not found"}""", times: 1);

        var code = await simulator.ProbeAsync([.. AllFacts.List.Where(f => f.Question == "DELETE of an id that never was")]);

        code.ShouldBe(0);
        simulator.Rows.ShouldBe(["| 9 | DELETE of an id that never was | 404 (resource not found) | DIFFERS, assumed: 204 |"]);
        simulator.Lines[^1].ShouldStartWith("probe: 1 facts, 0 as assumed, 1 different, 0 not askable, ");
    }

    [Fact]
    public async Task A_wrong_token_says_what_to_do()
    {
        await using var simulator = await AProbedSimulator.StartAsync();

        var code = await simulator.ProbeAsync(AllFacts.List, token: "pat-na1-wrong");

        code.ShouldBe(1);
        simulator.Output.ShouldContain("HubSpot does not take this token");
        simulator.Output.ShouldContain("docs/probe-account.md");
        simulator.Rows.ShouldBeEmpty();
        simulator.Host.Calls.Total.ShouldBe(1);
        simulator.Lines[^1].ShouldBe("probe: 0 facts, 0 as assumed, 0 different, 0 not askable, 1 calls");
    }

    [Fact]
    public async Task The_token_is_never_printed_not_even_when_HubSpot_says_it()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("companies.get", 400, $$"""{"message":"who sent {{AProbedSimulator.Token}}?"}""");

        await simulator.ProbeAsync(AllFacts.List);

        simulator.Output.ShouldContain("who sent (token)?");
        simulator.Output.ShouldNotContain(AProbedSimulator.Token);
    }

    [Fact]
    public async Task A_missing_scope_is_named_and_the_other_facts_are_asked()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("orders.*", 403, LacksOrders);

        var code = await simulator.ProbeAsync(AllFacts.List);

        code.ShouldBe(1);
        simulator.Lines.ShouldContain("Scopes missing: crm.objects.orders.write");
        simulator.Lines.ShouldContain(l => l.StartsWith("orders: records no (the token lacks crm.objects.orders.write); properties "));
        simulator.Rows.Count.ShouldBe(AllFacts.List.Count);
        simulator.Rows.Count(r => r.EndsWith("| the token lacks crm.objects.orders.write | NOT ASKED |")).ShouldBe(5);
        simulator.Output.ShouldContain("5 facts could not be asked");
        await simulator.ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task An_account_of_a_company_is_left_alone_unless_forced()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("account-info", 200, """{"portalId":1,"accountType":"STANDARD"}""");

        (await simulator.ProbeAsync(AllFacts.List, force: false)).ShouldBe(1);

        simulator.Output.ShouldContain("This is no test account.");
        simulator.Output.ShouldContain("FORCE=1");
        simulator.Host.Calls.Total.ShouldBe(1);
        (await simulator.ProbeAsync([Makes], force: true)).ShouldBe(0);
    }

    [Fact]
    public async Task A_test_account_needs_no_force()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("account-info", 200, """{"portalId":1,"accountType":"DEVELOPER_TEST"}""");

        (await simulator.ProbeAsync([Makes], force: false)).ShouldBe(0);
    }

    [Fact]
    public async Task An_exception_in_the_middle_still_cleans_up()
    {
        await using var simulator = await AProbedSimulator.StartAsync();

        var thrown = await Should.ThrowAsync<NotSupportedException>(() => simulator.ProbeAsync(MakesAndThrows));

        thrown.Message.ShouldBe("in the middle");
        simulator.Host.Calls.Of("contacts.create").ShouldBe(1);
        await simulator.ShouldBeEmptyAsync();
        simulator.Lines[^1].ShouldStartWith("probe: 0 facts, ");
    }

    [Fact]
    public async Task Being_stopped_in_the_middle_still_cleans_up()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        var stops = new Fact(1, "q", "a", async account =>
        {
            await account.MakeAsync(ObjectType.Contacts);
            await simulator.Stop.CancelAsync();
            return new(await account.MakeAsync(ObjectType.Companies));
        });

        (await simulator.ProbeAsync([Makes, stops, Makes])).ShouldBe(1);

        simulator.Lines.ShouldContain("Stopped before the end.");
        simulator.Rows.Count.ShouldBe(1);
        simulator.Host.Calls.Of("contacts.create").ShouldBe(2);
        simulator.Host.Calls.Of("companies.create").ShouldBe(0);
        await simulator.ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task What_cannot_be_deleted_is_listed_with_how_to_delete_it()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("contacts.batch.archive", 500);
        simulator.Answers("contacts.archive", 500);

        (await simulator.ProbeAsync(Makes)).ShouldBe(1);

        var id = simulator.Host.Store.Portal(12345678).Records("contacts").Single().Id;
        simulator.Lines.ShouldContain(l => l.StartsWith($"NOT CLEANED UP: contacts record {id} (500")
            && l.EndsWith($"delete it in HubSpot, or DELETE /crm/objects/2026-09/contacts/{id}"));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_archived_is_deleted_one_by_one()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("contacts.batch.archive", 400);

        (await simulator.ProbeAsync(Makes)).ShouldBe(0);

        await simulator.ShouldBeEmptyAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(502)]
    public async Task A_create_whose_answer_is_lost_is_found_by_search_and_deleted(int status)
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("contacts.create", status, times: 1, when: "after");

        (await simulator.ProbeAsync(Makes, Makes)).ShouldBe(1);

        simulator.Rows[0].ShouldEndWith("| NOT ASKED |");
        simulator.Rows[1].ShouldEndWith("| as assumed |");
        simulator.Output.ShouldNotContain("NOT CLEANED UP");
        await simulator.ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task A_lost_create_that_search_does_not_find_is_told()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("contacts.create", 0, times: 1);

        (await simulator.ProbeAsync(Makes)).ShouldBe(1);

        simulator.Rows.Single().ShouldContain("POST /crm/objects/2026-09/contacts was not answered");
        simulator.Lines.ShouldContain(l => l.StartsWith("NOT CLEANED UP: perhaps some contacts, of a call that was not answered"));
    }

    [Fact]
    public async Task A_property_whose_answer_is_lost_is_deleted()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("properties.create", 0, times: 1, when: "after");

        await simulator.ProbeAsync();

        simulator.Output.ShouldNotContain("NOT CLEANED UP");
        await simulator.ShouldBeEmptyAsync();
    }

    [Fact]
    public async Task A_429_is_waited_for_and_told()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("contacts.create", 429, """{"status":"error","policyName":"TEN_SECONDLY_ROLLING"}""", times: 2);

        (await simulator.ProbeAsync([Makes, .. AllFacts.List.Where(f => f.Question == "Retry-After of a 429")])).ShouldBe(0);

        simulator.Waited.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(20));
        simulator.Rows[1].ShouldBe(
            """| 6 | Retry-After of a 429 | none ({"status":"error","policyName":"TEN_SECONDLY_ROLLING"}) | as assumed |""");
    }

    [Fact]
    public async Task An_address_where_nobody_answers_says_so()
    {
        await using var simulator = await AProbedSimulator.StartAsync();
        simulator.Answers("account-info", 0);

        (await simulator.ProbeAsync(AllFacts.List)).ShouldBe(1);

        simulator.Output.ShouldContain("does not tell what account this is: GET /account-info/2026-09/details was not answered");
        simulator.Output.ShouldContain("API_URL");
    }
}
