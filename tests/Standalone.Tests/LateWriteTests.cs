using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>HubSpot keeps what it carries out last, be it an older write that it answered with 504 two seconds before.</summary>
public sealed class LateWriteTests
{
    // Longer than a busy machine takes for what comes between.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(10);

    private static Dictionary<string, string?> Patient => new() { ["Links:SettleTime"] = "00:00:15" };

    [Theory]
    [InlineData("contacts.batch.update")]
    [InlineData("contacts.batch.upsert")]
    public async Task A_write_that_HubSpot_carries_out_late_does_not_undo_a_newer_edit(string kind)
    {
        await using var installation = await AnInstallation.ConnectedAsync(configuration: Patient);
        if (kind == "contacts.batch.update")
            await NamedAsync(installation, "Ann");
        else
            installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "contacts.batch.create" }, Status = 503, Times = 1 });
        installation.Simulator.Faults.Add(Fault.CommitsLate(kind, Late));

        await NamedAsync(installation, "Anna");
        installation.Simulator.LateCalls.Count.ShouldBe(1);
        await NamedAsync(installation, "Annabel");
        await installation.NothingComesLateAsync();

        (await installation.Account.RecordsAsync("contacts")).ShouldHaveSingleItem()["firstname"].ShouldBe("Annabel");
    }

    [Fact]
    public async Task A_write_without_an_answer_does_not_undo_a_newer_edit_though_the_same_was_sent_again_and_answered()
    {
        await using var installation = await AnInstallation.ConnectedAsync(configuration: new() { ["Links:SettleTime"] = "00:01:00" });
        await NamedAsync(installation, "Ann");
        installation.Simulator.Faults.Add(Fault.CommitsLate("contacts.batch.update", TimeSpan.FromSeconds(45)));
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "contacts.batch.update" }, Status = 524, Times = 3 });

        await NamedAsync(installation, "Anna");
        installation.Simulator.LateCalls.Count.ShouldBe(1);
        await NamedAsync(installation, "Annabel");
        await installation.NothingComesLateAsync();

        (await installation.Account.RecordsAsync("contacts")).ShouldHaveSingleItem()["firstname"].ShouldBe("Annabel");
    }

    [Fact]
    public async Task A_write_of_a_process_that_was_killed_in_the_middle_of_it_does_not_undo_a_newer_edit()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        // Longer than a start takes on a busy machine.
        await using var process = new AProcess(simulator, settleTime: TimeSpan.FromSeconds(90));
        await process.StartAsync();
        var hub = process.Hub;
        var (company, subscription) = await AnInstallation.SubscribeAsync(hub, simulator);
        await NameAsync("Ann");
        await AnInstallation.SettledAsync(hub, subscription);
        simulator.Faults.Add(new Fault
        {
            Match = new FaultMatch { Kind = "contacts.batch.update" }, Status = 504, When = "late", DelayMilliseconds = 60_000, RetryAfterSeconds = 60, Times = 1,
        });

        await NameAsync("Anna");
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(simulator.LateCalls.Count == 1), "the update is under way");
        await process.KillAsync();
        await process.StartAsync();
        await AnInstallation.SettledAsync(hub, subscription);
        simulator.LateCalls.Count.ShouldBe(1);
        await NameAsync("Annabel");
        await AnInstallation.SettledAsync(hub, subscription);
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(simulator.LateCalls.Count == 0), "HubSpot has done what it put off");

        (await new HubSpotAccount(simulator.CreateClient(), NorthwindFiles.HubSpotAccountId).RecordsAsync("contacts"))
            .ShouldHaveSingleItem()["firstname"].ShouldBe("Annabel");

        Task NameAsync(string firstName) => hub.UploadAsync($"{company}/records/customers", [Named(firstName)]);
    }

    [Fact]
    public async Task An_association_that_HubSpot_makes_late_does_not_stay_beside_a_newer_one()
    {
        await using var installation = await AnInstallation.ConnectedAsync(configuration: Patient);
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        foreach (var customer in new[] { "C1", "C2", "C3" })
            await CallBudgetTests.PutAsync(installation, "customers", customer, Shop.Customer(customer));
        await OrderedByAsync("C1");
        installation.Simulator.Faults.Add(Fault.CommitsLate("associations.batch.create", Late));

        await OrderedByAsync("C2");
        installation.Simulator.LateCalls.Count.ShouldBe(1);
        await OrderedByAsync("C3");
        await installation.NothingComesLateAsync();

        (await installation.Account.RecordsAsync("orders")).ShouldHaveSingleItem().To("contacts")
            .ShouldBe([(await installation.Account.RecordsAsync("contacts")).Single(c => c["lastname"] == "C3").Id]);

        async Task OrderedByAsync(string customer)
        {
            await CallBudgetTests.PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", customer, Shop.Line("1", "SKU-1", 1, 10)));
            await installation.SettledAsync();
        }
    }

    [Fact]
    public async Task A_mark_that_HubSpot_sets_late_does_not_stay_on_an_order_that_is_whole()
    {
        await using var installation = await AnInstallation.ConnectedAsync(configuration: Patient);
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await OrderedWithoutItsLineAsync("T1");
        installation.Simulator.Faults.Add(Fault.CommitsLate("orders.batch.update", Late));

        await OrderedWithoutItsLineAsync("T2");
        installation.Simulator.LateCalls.Count.ShouldBe(1);
        await installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { all = true });
        AnInstallation.Parked(await installation.SettledAsync()).ShouldBe(0);
        await installation.NothingComesLateAsync();

        (await installation.Account.RecordsAsync("orders")).Select(o => o["hub_incomplete"]).ShouldAllBe(mark => string.IsNullOrEmpty(mark));

        async Task OrderedWithoutItsLineAsync(string id)
        {
            installation.Simulator.Faults.Add(new Fault
            {
                Match = new FaultMatch { Kind = "line_items.batch.create" }, Status = 400, Times = 1,
                Body = JsonNode.Parse("""{"status":"error","message":"The line is not welcome","correlationId":"1","category":"VALIDATION_ERROR"}"""),
            });
            await CallBudgetTests.PutAsync(installation, "transactions", id, Shop.Transaction(id, null, Shop.Line("1", "SKU-1", 1, 10)));
            await installation.SettledAsync();
            (await installation.Account.RecordsAsync("orders")).Count(o => !string.IsNullOrEmpty(o["hub_incomplete"])).ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public async Task An_edit_back_to_what_HubSpot_had_is_written_when_it_is_not_known_what_became_of_the_edit_between()
    {
        await using var installation = await AnInstallation.ConnectedAsync(configuration: new() { ["Hub:RetryUnit"] = "00:00:05" });
        await NamedAsync(installation, "Ann");
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "contacts.batch.update" }, Status = 524, When = "after", Times = 4 });

        await NameAsync(installation, "Anna");
        await ServiceUnderTest.UntilAsync(
            async () => (string?)(await installation.TransferOfAsync("customers", "C1"))["state"] == "postponed", "the edit is given up for now");
        (await installation.Account.RecordsAsync("contacts")).ShouldHaveSingleItem()["firstname"].ShouldBe("Anna");
        await NamedAsync(installation, "Ann");

        (await installation.Account.RecordsAsync("contacts")).ShouldHaveSingleItem()["firstname"].ShouldBe("Ann");
    }

    private static async Task NamedAsync(AnInstallation installation, string firstName)
    {
        await NameAsync(installation, firstName);
        await installation.SettledAsync();
    }

    private static Task NameAsync(AnInstallation installation, string firstName) => CallBudgetTests.PutAsync(
        installation, "customers", "C1", Named(firstName));

    private static object Named(string firstName) => new { id = "C1", firstName, lastName = "One", email = "ann@example.com" };
}
