using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Answers that are lost, records that are refused, references that are shared: once in effect, and nothing else suffers.</summary>
public sealed class UnderFireTests
{
    [Fact]
    public async Task Five_batches_at_once_that_share_a_new_customer_and_a_new_SKU_create_each_once_without_a_conflict()
    {
        await using var installation = await AnInstallation.ConnectedAsync(
            new { dataFlow = new { companies = false, customers = false, products = false, transactions = true } });
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await CallBudgetTests.PutAsync(installation, "customers", "C1", Shop.Customer("C1", "F1", "ann@example.com"));
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        installation.Simulator.Calls.Reset();

        // Two such orders exceed the 1,000 lines of a batch, so each goes alone.
        var lines = Enumerable.Range(1, 510).Select(n => Shop.Line($"{n}", "SKU-1", 1, 10)).ToArray();
        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions", Enumerable.Range(1, 5).Select(n => Shop.Transaction($"T{n}", "C1", lines)));
        await installation.SettledAsync();

        var calls = installation.Simulator.Calls;
        calls.Of("orders.batch.create").ShouldBe(5);
        calls.Of("companies.batch.create").ShouldBe(1);
        calls.Of("contacts.batch.create").ShouldBe(1);
        calls.Of("products.batch.create").ShouldBe(1);
        calls.Answered(409).ShouldBe(0);
        (await installation.Account.RecordsAsync("contacts")).Count.ShouldBe(1);
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(5 * 510);
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData("companies.batch.create")]
    [InlineData("contacts.batch.create")]
    [InlineData("products.batch.create")]
    [InlineData("orders.batch.create")]
    [InlineData("line_items.batch.create")]
    public async Task An_answer_lost_after_HubSpot_committed_doubles_nothing(string kind)
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = kind }, Status = 0, When = "after", Times = 1 });

        await OneOrderAsync(installation);

        await OnlyOneOfEachAsync(installation);
    }

    [Theory]
    [InlineData("companies")]
    [InlineData("contacts")]
    [InlineData("products")]
    [InlineData("orders")]
    [InlineData("line_items")]
    public async Task A_create_that_HubSpot_carries_out_two_seconds_after_its_504_doubles_nothing(string type)
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        installation.Simulator.Faults.Add(Fault.CommitsLate($"{type}.batch.create", TimeSpan.FromSeconds(2)));

        await OneOrderAsync(installation);
        await installation.NothingComesLateAsync();

        installation.Simulator.Faults.All().ShouldHaveSingleItem().Times.ShouldBe(0);
        await OnlyOneOfEachAsync(installation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_guest_whose_create_HubSpot_carries_out_two_seconds_after_its_504_is_one_contact(bool keyIsNotUnique)
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { UniquePropertiesTaken = keyIsNotUnique ? ["contacts"] : [] });
            return Task.CompletedTask;
        });
        installation.Simulator.Faults.Add(Fault.CommitsLate("contacts.batch.create", TimeSpan.FromSeconds(2)));

        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await CallBudgetTests.PutAsync(installation, "transactions", "T1", new
        {
            id = "T1", number = "T1", currency = "USD", total = 10, guest = new { email = "Guest@Example.com", firstName = "Gus" }, lines = new[] { Shop.Line("1", "SKU-1", 1, 10) },
        });
        await installation.SettledAsync();
        await installation.NothingComesLateAsync();

        installation.Simulator.Faults.All().ShouldHaveSingleItem().Times.ShouldBe(0);
        (await installation.Account.RecordsAsync("orders")).ShouldHaveSingleItem().To("contacts")
            .ShouldBe([(await installation.Account.RecordsAsync("contacts")).ShouldHaveSingleItem().Id]);
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData(false, "contacts.batch.upsert")]
    [InlineData(true, "contacts.batch.create")]
    public async Task A_batch_over_which_HubSpot_thought_for_too_long_is_repeated_in_halves(bool keyIsNotUnique, string repetition)
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { UniquePropertiesTaken = keyIsNotUnique ? ["contacts"] : [] });
            return Task.CompletedTask;
        });
        installation.Simulator.Calls.Reset();
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "contacts.batch.create" }, Status = 524, Times = 1 });

        await installation.Hub.UploadAsync($"{installation.Company}/records/customers", Enumerable.Range(1, 100).Select(n => Shop.Customer($"C{n}")));
        AnInstallation.Parked(await installation.SettledAsync()).ShouldBe(0);

        installation.Simulator.Calls.Latest.Where(c => c.Kind == "contacts.batch.create" && c.Fault is not null).ShouldHaveSingleItem();
        installation.Simulator.Calls.Latest.Count(c => c.Kind == repetition && c.Fault is null).ShouldBe(2);
        (await installation.Account.RecordsAsync("contacts")).Count.ShouldBe(100);
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Line_items_that_fail_again_and_again_arrive_in_the_end_and_the_order_is_written_once()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "line_items.batch.create" }, Status = 502, Times = 3 });
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "line_items.batch.upsert" }, Status = 502, Times = 3 });

        await OneOrderAsync(installation);

        await OnlyOneOfEachAsync(installation);
        installation.Simulator.Calls.Of("orders.batch.create").ShouldBe(1);
        installation.Simulator.Calls.Of("orders.batch.upsert").ShouldBe(0);
    }

    [Fact]
    public async Task A_record_that_HubSpot_refuses_is_parked_with_the_reason_while_its_batch_goes_on()
    {
        await using var installation = await AnInstallation.ConnectedAsync();

        await installation.Hub.UploadAsync($"{installation.Company}/records/customers",
        [
            .. Enumerable.Range(1, 99).Select(n => Shop.Customer($"C{n}", null, $"c{n}@example.com")),
            Shop.Customer("C100", null, "c1@example.com"),
        ]);
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync("contacts")).Count.ShouldBe(99);
        var parked = new[] { await installation.TransferOfAsync("customers", "C1"), await installation.TransferOfAsync("customers", "C100") }
            .Single(t => (string?)t["state"] == "parked");
        var problem = parked["problems"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)problem["field"], (string?)problem["value"]).ShouldBe(("email", "c1@example.com"));
        ((string)problem["message"]!).ShouldContain("has the same email already");
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public async Task Where_an_account_refuses_updates_whole_all_but_the_bad_ones_are_written_however_many_those_are(int badOnes)
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { UpdatesIgnoreTraceIds = true });
            return Task.CompletedTask;
        });
        var taken = Enumerable.Range(1, badOnes).ToDictionary(n => $"C{2 * n}", n => $"taken{n}@example.com");
        foreach (var email in taken.Values)
            await installation.CreateInHubSpotAsync("contacts", $$$"""{"properties":{"email":"{{{email}}}"}}""");
        await UploadAsync(n => $"c{n}@example.com");
        await installation.SettledAsync();

        await UploadAsync(n => taken.GetValueOrDefault($"C{n}") ?? $"new{n}@example.com");
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync("contacts")).Count(c => c["email"]!.StartsWith("new", StringComparison.Ordinal)).ShouldBe(80 - badOnes);
        foreach (var (id, email) in taken)
        {
            var parked = await installation.TransferOfAsync("customers", id);
            ((string?)parked["state"], (string?)parked["problems"]![0]!["field"], (string?)parked["problems"]![0]!["value"])
                .ShouldBe(("parked", "email", email));
        }

        Task UploadAsync(Func<int, string> email) => installation.Hub.UploadAsync(
            $"{installation.Company}/records/customers", Enumerable.Range(1, 80).Select(n => Shop.Customer($"C{n}", null, email(n))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_the_prerequisite_off_an_unknown_SKU_parks_its_transaction_only_and_a_retry_by_hand_finishes_it(bool skuIsNoKey)
    {
        await using var installation = await AnInstallation.ConnectedAsync(
            new { transferProductsAsPrerequisite = (bool?)null, dataFlow = new { companies = true, customers = true, products = false, transactions = true } },
            simulator =>
            {
                simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { SkuIsNoKey = skuIsNoKey });
                return Task.CompletedTask;
            });
        var known = await installation.CreateInHubSpotAsync("products", """{"properties":{"name":"There already","hs_sku":"SKU-OLD"}}""");

        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions",
        [
            Shop.Transaction("T1", null, Shop.Line("1", "SKU-OLD", 1, 10)),
            Shop.Transaction("T2", null, Shop.Line("1", "SKU-OLD", 1, 10), Shop.Line("2", "SKU-NEW", 1, 10)),
        ]);
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync("orders")).Single()["hs_external_order_id"].ShouldBe("T1");
        (await installation.Account.RecordsAsync("line_items")).Single()["hs_product_id"].ShouldBe(known);
        var parked = await installation.TransferOfAsync("transactions", "T2");
        ((string?)parked["state"]).ShouldBe("parked");
        ((string)parked["problems"]![0]!["message"]!).ShouldContain("SKU-NEW has no product in HubSpot");

        await installation.CreateInHubSpotAsync("products", """{"properties":{"name":"Now there","hs_sku":"SKU-NEW"}}""");
        await installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { ids = new[] { (string)parked["id"]! } });
        await installation.SettledAsync();
        (await installation.Account.RecordsAsync("orders")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_transaction_becomes_a_deal_with_contact_company_and_lines_when_the_setting_says_so()
    {
        await using var installation = await AnInstallation.ConnectedAsync(new { transactionsBecome = "Deal" });

        await OneOrderAsync(installation);

        var deal = (await installation.Account.RecordsAsync("deals")).Single();
        deal["amount"].ShouldBe("30");
        deal.To("contacts").Count.ShouldBe(1);
        deal.To("companies").Count.ShouldBe(1);
        deal.To("line_items").Count.ShouldBe(2);
        (await installation.Account.RecordsAsync("orders")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_variant_brings_its_parent_product_and_the_line_is_linked_to_the_variant()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await CallBudgetTests.PutAsync(installation, "products", "P1", new
        {
            id = "P1", sku = "SHIRT", name = "Shirt", price = 20, variants = new[] { new { id = "P1-L", sku = "SHIRT-L", options = new { Size = "L" } } },
        });
        await CallBudgetTests.PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", null, Shop.Line("1", "SHIRT-L", 1, 20)));
        await installation.SettledAsync();

        var products = await installation.Account.RecordsAsync("products");
        products.Select(p => p["hs_sku"]).Order().ShouldBe(["SHIRT", "SHIRT-L"]);
        (await installation.Account.RecordsAsync("line_items")).Single()["hs_product_id"].ShouldBe(products.Single(p => p["hs_sku"] == "SHIRT-L").Id);
    }

    [Fact]
    public async Task One_order_is_followed_by_its_tracking_id_through_all_services()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await OneOrderAsync(installation);

        var lines = installation.Log.All.Where(l => l.Contains("track-me", StringComparison.Ordinal)).ToList();
        foreach (var service in new[] { "HubSpotBus.Hub", "HubSpotBus.Mappings", "HubSpotBus.Customers", "HubSpotBus.ProductPrerequisite", "HubSpotBus.Transactions" })
            lines.ShouldContain(l => l.Contains(service, StringComparison.Ordinal), $"{service} says nothing of the tracking id");
    }

    private static async Task OneOrderAsync(AnInstallation installation)
    {
        installation.Hub.TrackWith("track-me");
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await CallBudgetTests.PutAsync(installation, "customers", "C1", Shop.Customer("C1", "F1", "ann@example.com"));
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await CallBudgetTests.PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", "C1", Shop.Line("1", "SKU-1", 1, 10), Shop.Line("2", "SKU-1", 2, 10)));
        var summary = await installation.SettledAsync();
        ((int?)summary["transfers"]!["transactions"]!["parked"]).ShouldBeNull(summary.ToJsonString());
    }

    private static async Task OnlyOneOfEachAsync(AnInstallation installation)
    {
        foreach (var type in new[] { "companies", "contacts", "products", "orders" })
            (await installation.Account.RecordsAsync(type)).Count.ShouldBe(1, type);
        var order = (await installation.Account.RecordsAsync("orders")).Single();
        order.To("line_items").Count.ShouldBe(2);
        order.To("contacts").Count.ShouldBe(1);
        order.To("companies").Count.ShouldBe(1);
        (await installation.Account.RecordsAsync("contacts")).Single().To("companies").Count.ShouldBe(1);
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(2);
        await installation.NoDeadLettersAsync();
    }
}
