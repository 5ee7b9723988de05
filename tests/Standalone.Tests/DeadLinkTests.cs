using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>What somebody merged or deleted in HubSpot between two transfers.</summary>
public sealed class DeadLinkTests
{
    [Theory]
    [InlineData("contacts")]
    [InlineData("companies")]
    [InlineData("products")]
    public async Task What_a_new_order_refers_to_and_somebody_deleted_is_made_again(string type)
    {
        await using var installation = await ConnectedAsync();
        var before = (await installation.Account.RecordsAsync(type)).Single();
        await installation.DeleteInHubSpotAsync(type, before.Id);

        await PutOrderAsync(installation, "T2", 3);
        await installation.SettledAsync();

        var made = (await installation.Account.RecordsAsync(type)).Single();
        made.Id.ShouldNotBe(before.Id);
        await WholeAsync(installation, "T2");
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData("contacts", "customers", "C1", "firstname")]
    [InlineData("companies", "companies", "F1", "name")]
    [InlineData("products", "products", "P1", "name")]
    public async Task A_changed_record_that_somebody_deleted_is_made_again_with_its_new_values(string type, string dataType, string id, string property)
    {
        await using var installation = await ConnectedAsync();
        var before = (await installation.Account.RecordsAsync(type)).Single();
        await installation.DeleteInHubSpotAsync(type, before.Id);

        await CallBudgetTests.PutAsync(installation, dataType, id, Changed(dataType));
        await installation.SettledAsync();

        var made = (await installation.Account.RecordsAsync(type)).ShouldHaveSingleItem();
        made.Id.ShouldNotBe(before.Id);
        made[property].ShouldBe("Changed");
        ((string?)(await installation.TransferOfAsync(dataType, id))["state"]).ShouldBe("transferred");

        // What refers to it next finds it.
        await PutOrderAsync(installation, "T2", 3);
        await CallBudgetTests.PutAsync(installation, "customers", "C1", Changed("customers"));
        await installation.SettledAsync();
        (await installation.Account.RecordsAsync(type)).ShouldHaveSingleItem().Id.ShouldBe(made.Id);
        await WholeAsync(installation, "T2");
        (await installation.Account.RecordsAsync("contacts")).Single().To("companies").ShouldBe([(await installation.Account.RecordsAsync("companies")).Single().Id]);
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData("contacts", "customers", "C1", "Order")]
    [InlineData("companies", "companies", "F1", "Order")]
    [InlineData("products", "products", "P1", "Order")]
    [InlineData("orders", "transactions", "T1", "Order")]
    [InlineData("deals", "transactions", "T1", "Deal")]
    public async Task With_the_setting_to_park_a_changed_record_that_was_deleted_waits_for_a_person_who_restores_it(
        string type, string dataType, string id, string becomes)
    {
        await using var installation = await ConnectedAsync(new { deletedRecords = "Park", transactionsBecome = becomes });
        var before = (await installation.Account.RecordsAsync(type)).Single();
        await installation.DeleteInHubSpotAsync(type, before.Id);

        await CallBudgetTests.PutAsync(installation, dataType, id, Changed(dataType));
        await installation.SettledAsync();

        var parked = await installation.TransferOfAsync(dataType, id);
        ((string?)parked["state"]).ShouldBe("parked");
        ((string?)parked["problems"]![0]!["message"])!.ShouldContain("The record was deleted in HubSpot. Restore it there and retry");
        (await installation.Account.RecordsAsync(type)).ShouldBeEmpty();

        await installation.RestoreInHubSpotAsync(type, before.Id);
        foreach (var line in dataType == "transactions" ? before.To("line_items") : [])
            await installation.RestoreInHubSpotAsync("line_items", line);
        await installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { all = true });
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync(type)).ShouldHaveSingleItem().Id.ShouldBe(before.Id);
        ((string?)(await installation.TransferOfAsync(dataType, id))["state"]).ShouldBe("transferred");
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData("contacts")]
    [InlineData("companies")]
    [InlineData("products")]
    public async Task With_the_setting_to_park_a_new_order_waits_until_what_it_refers_to_and_somebody_deleted_is_restored(string type)
    {
        await using var installation = await ConnectedAsync(new { deletedRecords = "Park" });
        var before = (await installation.Account.RecordsAsync(type)).Single();
        await installation.DeleteInHubSpotAsync(type, before.Id);

        await PutOrderAsync(installation, "T2", 3);
        await installation.SettledAsync();
        ((string?)(await installation.TransferOfAsync("transactions", "T2"))["state"]).ShouldBe("parked");
        (await installation.Account.RecordsAsync(type)).ShouldBeEmpty();

        await installation.RestoreInHubSpotAsync(type, before.Id);
        await installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { all = true });
        await installation.SettledAsync();
        (await installation.Account.RecordsAsync(type)).ShouldHaveSingleItem().Id.ShouldBe(before.Id);
        await WholeAsync(installation, "T2");
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData("contacts", "customers", "C1", false)]
    [InlineData("companies", "companies", "F1", false)]
    [InlineData("contacts", "customers", "C1", true)]
    [InlineData("companies", "companies", "F1", true)]
    public async Task A_record_that_was_merged_is_followed_to_its_survivor(
        string type, string dataType, string id, bool underThePrimarysId)
    {
        await using var installation = await ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { MergeKeepsPrimaryId = underThePrimarysId });
            return Task.CompletedTask;
        });
        var ours = (await installation.Account.RecordsAsync(type)).Single();
        var other = await installation.CreateInHubSpotAsync(type, type == "contacts"
            ? """{"properties":{"email":"other@example.com"}}""" : """{"properties":{"name":"Other"}}""");
        var survivor = await installation.MergeInHubSpotAsync(type, other, ours.Id);
        (survivor == other).ShouldBe(underThePrimarysId);

        await PutOrderAsync(installation, "T2", 3);
        await CallBudgetTests.PutAsync(installation, dataType, id, dataType == "customers"
            ? Shop.Customer("C1", "F1", "new@example.com") : new { id, name = "New name" });
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync(type)).Single().Id.ShouldBe(survivor);
        ((string?)(await installation.TransferOfAsync(dataType, id))["state"]).ShouldBe("transferred");
        (await installation.Account.RecordsAsync(type)).Single()[type == "contacts" ? "email" : "name"].ShouldBe(type == "contacts" ? "new@example.com" : "New name");
        await WholeAsync(installation, "T2");
    }

    [Fact]
    public async Task Two_of_ours_that_were_merged_share_the_survivor_and_one_of_them_goes_on_writing_it()
    {
        await using var installation = await ConnectedAsync();
        await CallBudgetTests.PutAsync(installation, "customers", "C2", Shop.Customer("C2", "F1", "bob@example.com"));
        await installation.SettledAsync();
        var contacts = await installation.Account.RecordsAsync("contacts");
        var (c1, c2) = (contacts.Single(c => c["hub_customer_id"]!.EndsWith("C1", StringComparison.Ordinal)), contacts.Single(c => c["hub_customer_id"]!.EndsWith("C2", StringComparison.Ordinal)));
        var survivor = await installation.MergeInHubSpotAsync("contacts", c1.Id, c2.Id);

        await CallBudgetTests.PutAsync(installation, "customers", "C1", new { id = "C1", firstName = "First", lastName = "C1", companyId = "F1" });
        await CallBudgetTests.PutAsync(installation, "customers", "C2", new { id = "C2", firstName = "Second", lastName = "C2", companyId = "F1" });
        await installation.SettledAsync();

        var left = (await installation.Account.RecordsAsync("contacts")).Single();
        (left.Id, left["firstname"]).ShouldBe((survivor, "First"));
        ((string?)(await installation.TransferOfAsync("customers", "C2"))["hubSpotId"]).ShouldBe(survivor);
    }

    [Theory]
    [InlineData("orders", "Order")]
    [InlineData("deals", "Deal")]
    public async Task An_order_or_deal_that_goes_to_another_customer_and_company_belongs_to_those_only(string type, string becomes)
    {
        await using var installation = await ConnectedAsync(new { transactionsBecome = becomes });
        await CallBudgetTests.PutAsync(installation, "companies", "F2", Shop.Company("F2"));
        await CallBudgetTests.PutAsync(installation, "customers", "C2", Shop.Customer("C2", "F2", "bob@example.com"));
        await installation.SettledAsync();
        var byHand = await installation.CreateInHubSpotAsync("contacts", """{"properties":{"email":"by.hand@example.com"}}""");
        await installation.AssociateInHubSpotAsync(type, (await installation.Account.RecordsAsync(type)).Single().Id, "contacts", byHand);

        await CallBudgetTests.PutAsync(installation, "transactions", "T1", Of("C2", "F2"));
        await installation.SettledAsync();
        var moved = (await installation.Account.RecordsAsync(type)).Single();
        moved.To("contacts").Order().ShouldBe(new[] { byHand, await IdOfAsync(installation, "contacts", "hub_customer_id", "C2") }.Order());
        moved.To("companies").ShouldBe([await IdOfAsync(installation, "companies", "hub_company_id", "F2")]);

        // To nobody, and the customer to another company.
        await CallBudgetTests.PutAsync(installation, "transactions", "T1", Of(null, null));
        await CallBudgetTests.PutAsync(installation, "customers", "C2", Shop.Customer("C2", "F1", "bob@example.com"));
        await installation.SettledAsync();
        var left = (await installation.Account.RecordsAsync(type)).Single();
        left.To("contacts").ShouldBe([byHand]);
        left.To("companies").ShouldBeEmpty();
        left.To("line_items").Count.ShouldBe(1);
        (await installation.Account.RecordsAsync("contacts")).Single(c => c["email"] == "bob@example.com").To("companies")
            .ShouldBe([await IdOfAsync(installation, "companies", "hub_company_id", "F1")]);
        await installation.NoDeadLettersAsync();

        static object Of(string? customerId, string? companyId) => new
        {
            id = "T1", number = "T1", customerId, companyId, currency = "USD", total = 10, lines = new[] { Shop.Line("1", "SKU-1", 1, 10) },
        };
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(2, 99)]
    public async Task An_order_that_was_deleted_is_made_again_whole(decimal quantity, decimal price)
    {
        await using var installation = await ConnectedAsync();
        await installation.DeleteInHubSpotAsync("orders", (await installation.Account.RecordsAsync("orders")).Single().Id);

        await PutOrderAsync(installation, "T1", quantity, price);
        await installation.SettledAsync();

        await WholeAsync(installation, "T1");
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(2);
        ((string?)(await installation.TransferOfAsync("transactions", "T1"))["state"]).ShouldBe("transferred");
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task An_order_whose_total_changed_only_and_that_was_deleted_is_made_again_with_its_lines()
    {
        await using var installation = await ConnectedAsync();
        await installation.DeleteInHubSpotAsync("orders", (await installation.Account.RecordsAsync("orders")).Single().Id);

        await PutOrderAsync(installation, "T1", 2, 10, "Shipped");
        await installation.SettledAsync();

        await WholeAsync(installation, "T1");
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_deal_that_was_deleted_is_made_again_whole()
    {
        await using var installation = await ConnectedAsync(new { transactionsBecome = "Deal" });
        await installation.DeleteInHubSpotAsync("deals", (await installation.Account.RecordsAsync("deals")).Single().Id);

        await PutOrderAsync(installation, "T1", 5);
        await installation.SettledAsync();

        await WholeAsync(installation, "T1", "deals");
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(2);
        ((string?)(await installation.TransferOfAsync("transactions", "T1"))["state"]).ShouldBe("transferred");
    }

    [Theory]
    [InlineData("orders", "Order", """{"properties":{"hs_order_name":"Other"}}""", "hs_total_price")]
    [InlineData("deals", "Deal", """{"properties":{"dealname":"Other","pipeline":"default","dealstage":"contractsent"}}""", "amount")]
    public async Task An_order_or_deal_that_was_merged_is_followed_to_its_survivor(string type, string becomes, string otherJson, string total)
    {
        await using var installation = await ConnectedAsync(new { transactionsBecome = becomes });
        var ours = (await installation.Account.RecordsAsync(type)).Single();
        var survivor = await installation.MergeInHubSpotAsync(type, await installation.CreateInHubSpotAsync(type, otherJson), ours.Id);

        await PutOrderAsync(installation, "T1", 5);
        await installation.SettledAsync();

        var left = (await installation.Account.RecordsAsync(type)).Single();
        (left.Id, left[total]).ShouldBe((survivor, "55"));
        await WholeAsync(installation, "T1", type);
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(2);
        ((string?)(await installation.TransferOfAsync("transactions", "T1"))["state"]).ShouldBe("transferred");
    }

    [Theory]
    [InlineData("Recreate", false, null)]
    [InlineData("Recreate", true, "permanently deleted, and cannot be added again")] // HubSpot's reason
    [InlineData("Park", false, "The record was deleted in HubSpot")]
    public async Task A_contact_that_was_deleted_for_good_is_made_again_or_parked_as_the_setting_and_HubSpot_say(string deletedRecords, bool blocked, string? reason)
    {
        await using var installation = await ConnectedAsync(new { deletedRecords }, simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { BlocklistHoldsForApi = blocked });
            return Task.CompletedTask;
        });
        var before = (await installation.Account.RecordsAsync("contacts")).Single().Id;
        await installation.DeletePrivatelyInHubSpotAsync(before);

        await CallBudgetTests.PutAsync(installation, "customers", "C1", Changed("customers"));
        await installation.SettledAsync();

        var transfer = await installation.TransferOfAsync("customers", "C1");
        ((string?)transfer["state"]).ShouldBe(reason is null ? "transferred" : "parked", transfer.ToJsonString());
        if (reason is not null)
            ((string?)transfer["problems"]![0]!["message"])!.ShouldContain(reason);
        (await installation.Account.RecordsAsync("contacts")).Select(c => c["firstname"]).ShouldBe(reason is null ? ["Changed"] : []);
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Where_deleted_records_keep_their_values_the_reason_names_the_recycle_bin_and_a_restored_one_is_taken_up_again()
    {
        await using var installation = await ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { ArchivedKeepUniqueValues = true });
            return Task.CompletedTask;
        });
        var contact = (await installation.Account.RecordsAsync("contacts")).Single().Id;
        await installation.DeleteInHubSpotAsync("contacts", contact);
        await CallBudgetTests.PutAsync(installation, "customers", "C1", new { id = "C1", firstName = "Anne", lastName = "C1", email = "ann@example.com", companyId = "F1" });
        await installation.SettledAsync();
        var parked = await installation.TransferOfAsync("customers", "C1");
        ((string?)parked["state"]).ShouldBe("parked");
        ((string?)parked["problems"]![0]!["message"])!.ShouldContain($"record {contact} was deleted and still keeps");

        await installation.RestoreInHubSpotAsync("contacts", contact);
        await installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { all = true });
        await installation.SettledAsync();

        var restored = (await installation.Account.RecordsAsync("contacts")).ShouldHaveSingleItem();
        (restored.Id, restored["firstname"]).ShouldBe((contact, "Anne"));
        ((string?)(await installation.TransferOfAsync("customers", "C1"))["state"]).ShouldBe("transferred");
    }

    private static object Changed(string dataType) => dataType switch
    {
        "customers" => new { id = "C1", firstName = "Changed", lastName = "C1", email = "ann@example.com", companyId = "F1" },
        "companies" => new { id = "F1", name = "Changed" },
        "products" => new { id = "P1", sku = "SKU-1", name = "Changed", price = 10 },
        _ => new
        {
            id = "T1", number = "T1", customerId = "C1", companyId = "F1", currency = "USD", total = 55,
            lines = new[] { Shop.Line("1", "SKU-1", 5, 10), Shop.Line("2", "SKU-1", 1, 5) },
        },
    };

    private static async Task<AnInstallation> ConnectedAsync(object? settings = null, Func<SimulatorHost, Task>? before = null)
    {
        var installation = await AnInstallation.ConnectedAsync(settings, before);
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await CallBudgetTests.PutAsync(installation, "customers", "C1", Shop.Customer("C1", "F1", "ann@example.com"));
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await PutOrderAsync(installation, "T1", 2);
        await installation.SettledAsync();
        return installation;
    }

    private static Task PutOrderAsync(AnInstallation installation, string id, decimal quantity, decimal price = 10, string? status = null)
    {
        var lines = new[] { Shop.Line("1", "SKU-1", quantity, price), Shop.Line("2", "SKU-1", 1, 5) };
        return CallBudgetTests.PutAsync(installation, "transactions", id, new
        {
            id, number = id, status, customerId = "C1", companyId = "F1", currency = "USD", total = lines.Sum(l => l.quantity * l.unitPrice), lines,
        });
    }

    private static async Task<string> IdOfAsync(AnInstallation installation, string type, string key, string id) =>
        (await installation.Account.RecordsAsync(type)).Single(r => r[key]?.Split(':')[^1] == id).Id;

    private static async Task WholeAsync(AnInstallation installation, string id, string type = "orders")
    {
        var order = (await installation.Account.RecordsAsync(type)).Single(o => o["hub_transaction_id"]!.EndsWith($":{id}", StringComparison.Ordinal));
        order.To("contacts").ShouldBe([(await installation.Account.RecordsAsync("contacts")).Single().Id]);
        order.To("companies").ShouldBe([(await installation.Account.RecordsAsync("companies")).Single().Id]);
        order.To("line_items").Count.ShouldBe(2);
        var product = (await installation.Account.RecordsAsync("products")).Single().Id;
        (await installation.Account.RecordsAsync("line_items")).Where(l => order.To("line_items").Contains(l.Id)).ShouldAllBe(l => l["hs_product_id"] == product);
    }
}
