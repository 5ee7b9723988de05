using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>What becomes of a transaction in HubSpot, as an order and as a deal, through the public API.</summary>
public sealed class TransactionSemanticsTests
{
    private static readonly Dictionary<string, string> OrderStages = new()
    {
        ["4b27b500-f031-4927-9811-68a0b525cbae"] = "Open",
        ["aa99e8d0-c1d5-4071-b915-d240bbb1aed9"] = "Shipped",
        ["3725360f-519b-4b18-a593-494d60a29c9f"] = "Delivered",
        ["3c85a297-e9ce-400b-b42e-9f16853d69d6"] = "Cancelled",
        ["5a2f6c41-8d0b-4c39-9a27-0be1d6c7f8aa"] = "Refunded",
        ["b1c9d3e7-2f64-4f0a-8a15-6e9b7c20d4bb"] = "Returned",
    };

    [Theory]
    [InlineData("Order")]
    [InlineData("Deal")]
    public async Task HubSpots_total_equals_the_hubs_to_the_cent_with_its_discount_tax_and_shipping(string target)
    {
        await using var installation = await WithAProductAsync(target);
        await PutAsync(installation, "T1", total: 43.81m, discountAmount: 3.33m, taxAmount: 6.25m, shippingAmount: 4.90m,
            lines: [Line("1", 2, 17.995m), Line("2", 0, 99m)]);
        await installation.SettledAsync();

        var header = await HeaderAsync(installation, target);
        decimal[] parts = target == "Order"
            ? [Of(header, "hs_subtotal_price"), -Of(header, "hs_order_discount"), Of(header, "hs_tax"), Of(header, "hs_shipping_cost")]
            : [Of(header, "hub_subtotal"), -Of(header, "hub_discount"), Of(header, "hub_tax"), Of(header, "hub_shipping")];
        Of(header, target == "Order" ? "hs_total_price" : "amount").ShouldBe(43.81m);
        parts.ShouldBe([35.99m, -3.33m, 6.25m, 4.90m]);
        parts.Sum().ShouldBe(43.81m);
    }

    [Theory]
    [InlineData("Order", "Cancelled", "Refunded")]
    [InlineData("Deal", "closedlost", "closedlost")]
    public async Task A_transaction_cancelled_and_refunded_later_moves_its_stage_and_status_by_one_call_and_leaves_its_lines(
        string target, string cancelled, string refunded)
    {
        await using var installation = await WithAProductAsync(target);
        await PutAsync(installation, "T1", status: "Shipped", total: 20, lines: [Line("1", 1, 10), Line("2", 1, 10)]);
        await installation.SettledAsync();
        StageOf(await HeaderAsync(installation, target)).ShouldBe(target == "Order" ? "Shipped" : "closedwon");
        var lines = await installation.Account.RecordsAsync("line_items");

        foreach (var (status, stage) in new[] { ("Cancelled", cancelled), ("Refunded", refunded) })
        {
            (await installation.CallsOfAsync(() => PutAsync(installation, "T1", status: status, total: 20, lines: [Line("1", 1, 10), Line("2", 1, 10)]))).ShouldBe(1);
            var header = await HeaderAsync(installation, target);
            StageOf(header).ShouldBe(stage);
            header[target == "Order" ? "hs_external_order_status" : "hub_status"].ShouldBe(status);
        }

        var after = await installation.Account.RecordsAsync("line_items");
        after.Select(l => (l.Id, l["hs_lastmodifieddate"])).ShouldBe(lines.Select(l => (l.Id, l["hs_lastmodifieddate"])));
    }

    [Theory]
    [InlineData("Order", "Shipped")]
    [InlineData("Deal", "qualifiedtobuy")]
    public async Task Types_that_the_setting_names_transfer_and_stand_in_the_stage_that_the_setting_gives_their_status(string target, string stage)
    {
        await using var installation = await WithAProductAsync(target, new JsonObject
        {
            ["transactionTypes"] = new JsonArray("Invoice", "Quote"), ["stagesOfStatuses"] = new JsonObject { ["On hold"] = stage },
        });
        await PutAsync(installation, "I1", total: 10, type: "Invoice", status: "On hold", lines: [Line("1", 1, 10)]);
        await PutAsync(installation, "Q1", total: 10, type: "Quote", status: "On hold", lines: [Line("1", 1, 10)]);
        await PutAsync(installation, "O1", total: 10, type: "Order", status: "On hold", lines: [Line("1", 1, 10)]);
        await installation.SettledAsync();

        (await RecordsAsync(installation, target)).Select(r => (r.HubId("hub_transaction_id"), StageOf(r))).Order().ShouldBe([("I1", stage), ("Q1", stage)]);
        ((string?)(await installation.TransferOfAsync("transactions", "O1"))["state"]).ShouldBe("skipped");
    }

    [Theory]
    [InlineData("Order")]
    [InlineData("Deal")]
    public async Task Amounts_that_do_not_make_the_total_are_parked_before_anything_is_written_and_go_when_the_setting_allows_it(string target)
    {
        await using var installation = await WithAProductAsync(target);

        (await installation.CallsOfAsync(() => PutAsync(installation, "T1", total: 21, shippingAmount: 2, lines: [Line("1", 1, 10)]))).ShouldBe(0);

        (await ParkedAsync(installation, "T1")).ShouldStartWith(
            "The amounts do not make the total: lines 10.00 + shipping 2.00 = 12.00, but the total is 21.00.");
        await ChangeAsync(installation, target, new JsonObject { ["totalsMustAddUp"] = false });
        await installation.SettledAsync();
        Of(await HeaderAsync(installation, target), target == "Order" ? "hs_total_price" : "amount").ShouldBe(21);
    }

    [Theory]
    [InlineData("Order")]
    [InlineData("Deal")]
    public async Task A_currency_that_the_account_does_not_have_is_parked_with_what_to_do_before_anything_is_written(string target)
    {
        await using var installation = await WithAProductAsync(target);

        (await installation.CallsOfAsync(() => PutAsync(installation, "T1", total: 10, currency: "CHF", lines: [Line("1", 1, 10)]))).ShouldBe(0);

        (await ParkedAsync(installation, "T1")).ShouldBe("The currency 'CHF' is not enabled in the HubSpot account. "
            + "Add it there and connect the subscription again, or correct currency in the hub.");
    }

    [Theory]
    [InlineData("Order")]
    [InlineData("Deal")]
    public async Task A_guest_is_a_new_contact_or_the_one_that_has_the_address(string target)
    {
        await using var installation = await WithAProductAsync(target);
        var known = await installation.CreateInHubSpotAsync("contacts", """{"properties":{"email":"known@example.com","firstname":"Known"}}""");
        var guest = new { email = "Gus@Example.com", firstName = "Gus", lastName = "Guest" };

        // Contact read and made, order and line; the second time order and line only.
        (await installation.CallsOfAsync(() => PutAsync(installation, "T1", total: 10, guest: guest, lines: [Line("1", 1, 10)]))).ShouldBe(4);
        (await installation.CallsOfAsync(() => PutAsync(installation, "T2", total: 10, guest: guest, lines: [Line("1", 1, 10)]))).ShouldBe(2);
        (await installation.CallsOfAsync(() => PutAsync(installation, "T3", total: 10, guest: new { email = "known@example.com", firstName = "K." }, lines: [Line("1", 1, 10)])))
            .ShouldBe(3);

        var contacts = (await installation.Account.RecordsAsync("contacts")).ToDictionary(c => c["email"]!);
        contacts.Count.ShouldBe(2);
        (contacts["gus@example.com"]["lastname"], contacts["known@example.com"]["firstname"]).ShouldBe(("Guest", "Known"));
        var of = (await RecordsAsync(installation, target)).ToDictionary(r => r["hub_transaction_id"]!.Split(':')[1], r => r.To("contacts").Single());
        of.ShouldBe(new Dictionary<string, string> { ["T1"] = contacts["gus@example.com"].Id, ["T2"] = contacts["gus@example.com"].Id, ["T3"] = known }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("Order", "orders")]
    [InlineData("Deal", "deals")]
    public async Task Guests_and_nobodys_transactions_are_parked_where_the_settings_say_so_and_go_when_they_no_longer_do(string target, string type)
    {
        await using var installation = await WithAProductAsync(target, new JsonObject { ["guestsBecomeContacts"] = false, ["transferWithoutCustomer"] = false });
        await PutAsync(installation, "T1", total: 10, guest: new { email = "gus@example.com" }, lines: [Line("1", 1, 10)]);
        await PutAsync(installation, "T2", total: 10, lines: [Line("1", 1, 10)]);
        await installation.SettledAsync();

        (await ParkedAsync(installation, "T1")).ShouldStartWith("It is of a guest, gus@example.com.");
        (await ParkedAsync(installation, "T2")).ShouldStartWith("It has neither a customer nor a guest with an e-mail address.");
        await ChangeAsync(installation, target, []);
        await installation.SettledAsync();
        (await installation.Account.RecordsAsync(type)).Count.ShouldBe(2);
        (await installation.Account.RecordsAsync("contacts")).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("Order", 130)]
    [InlineData("Deal", 130)]
    [InlineData("Order", 1200)]
    public async Task A_transaction_of_more_lines_than_a_call_takes_arrives_whole(string target, int lines)
    {
        await using var installation = await WithAProductAsync(target);

        var calls = await installation.CallsOfAsync(() => PutAsync(
            installation, "T1", total: 10 * lines, lines: [.. Enumerable.Range(1, lines).Select(n => Line($"{n}", 1, 10))]));

        calls.ShouldBe(1 + ((lines + 99) / 100));
        var header = await HeaderAsync(installation, target);
        header.To("line_items").Count.ShouldBe(lines);
        (await installation.Account.RecordsAsync("line_items")).Select(l => l["hub_line_id"]!.Split('/')[1]).Order()
            .ShouldBe(Enumerable.Range(1, lines).Select(n => n.ToString(CultureInfo.InvariantCulture)).Order());
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task An_order_of_more_lines_than_a_batch_takes_goes_alone_and_the_others_together()
    {
        await using var installation = await WithAProductAsync("Order");
        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions",
        [
            Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10)),
            Shop.Transaction("T2", null, [.. Enumerable.Range(1, 1001).Select(n => Shop.Line($"{n}", "SKU-1", 1, 10))]),
            Shop.Transaction("T3", null, [.. Enumerable.Range(1, 500).Select(n => Shop.Line($"{n}", "SKU-1", 1, 10))]),
            Shop.Transaction("T4", null, [.. Enumerable.Range(1, 500).Select(n => Shop.Line($"{n}", "SKU-1", 1, 10))]),
        ]);
        await installation.SettledAsync();

        var batches = ((JsonArray)(await installation.Hub.GetAsync($"{installation.Subscription}/batch-executions"))["items"]!)
            .Where(b => ((string?)b!["dataType"])!.StartsWith("transaction", StringComparison.OrdinalIgnoreCase)).Select(b => (int)b!["records"]!);
        batches.Order().ShouldBe([1, 1, 2]);
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(2002);
    }

    [Theory]
    [InlineData("Order", 0)]
    [InlineData("Deal", 0)]
    [InlineData("Order", 700)]
    public async Task A_line_refused_after_its_order_was_written_leaves_it_marked_and_the_retry_by_hand_makes_it_whole(string target, int newPropertiesAppearAfter)
    {
        await using var installation = await WithAProductAsync(target);
        installation.Simulator.Switch(long.Parse(installation.AccountId, null), new PortalSwitches { PropertiesAppearAfterMilliseconds = newPropertiesAppearAfter });
        installation.Simulator.Faults.Add(new Fault
        {
            Match = new FaultMatch { Kind = "line_items.batch.create" }, Status = 400, Times = newPropertiesAppearAfter > 0 ? null : 1,
            Body = JsonNode.Parse("""{"status":"error","message":"The line is not welcome","correlationId":"1","category":"VALIDATION_ERROR"}"""),
        });

        await PutAsync(installation, "T1", total: 10, lines: [Line("1", 1, 10)]);
        await installation.SettledAsync();

        (await ParkedAsync(installation, "T1")).ShouldStartWith("It is incomplete in HubSpot: line 1 was refused. HubSpot refused the record: The line is not welcome");
        (await HeaderAsync(installation, target))["hub_incomplete"]!.ShouldContain("line 1 was refused");
        installation.Simulator.Faults.Clear();
        var transfer = await installation.TransferOfAsync("transactions", "T1");
        (await installation.CallsOfAsync(() => installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { ids = new[] { (string)transfer["id"]! } })))
            .ShouldBe(2);

        var whole = await HeaderAsync(installation, target);
        whole["hub_incomplete"].ShouldBeNull();
        whole.To("line_items").Count.ShouldBe(1);
        ((string?)(await installation.TransferOfAsync("transactions", "T1"))["state"]).ShouldBe("transferred");
    }

    [Theory]
    [InlineData("Order", "hs_total_price", "hs_tax", "Returned")]
    [InlineData("Deal", "amount", "hub_tax", "closedwon")]
    public async Task A_return_is_skipped_until_the_setting_names_it_and_then_is_an_order_or_deal_of_a_negative_total(
        string target, string total, string tax, string stage)
    {
        await using var installation = await WithAProductAsync(target);
        (await installation.CallsOfAsync(() => PutAsync(
            installation, "R1", type: "Return", status: "Completed", total: -25.94m, taxAmount: -4.14m, lines: [Line("1", -2, 10.9m)]))).ShouldBe(0);
        var skipped = await installation.TransferOfAsync("transactions", "R1");
        ((string?)skipped["state"], (string?)skipped["problems"]![0]!["value"]).ShouldBe(("skipped", "Return"));

        await ChangeAsync(installation, target, new JsonObject { ["transactionTypes"] = new JsonArray("Order", "Return") });
        await installation.SettledAsync();

        var back = await HeaderAsync(installation, target);
        (Of(back, total), Of(back, tax), StageOf(back)).ShouldBe((-25.94m, -4.14m, stage));
        var line = (await installation.Account.RecordsAsync("line_items")).Single();
        (line["quantity"], line["price"], Of(line, "amount")).ShouldBe(("-2", "10.9", -21.8m));
    }

    private static async Task<AnInstallation> WithAProductAsync(string target, JsonObject? settings = null)
    {
        var all = settings ?? [];
        all["transactionsBecome"] = target;
        var installation = await AnInstallation.ConnectedAsync(all);
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await installation.SettledAsync();
        return installation;
    }

    private static Task<JsonNode> ChangeAsync(AnInstallation installation, string target, JsonObject settings)
    {
        settings["name"] = "HubSpot - Test";
        settings["apiUrl"] = installation.Simulator.BaseAddress.ToString();
        settings["transactionsBecome"] = target;
        return installation.Hub.PutAsync(installation.Subscription, settings);
    }

    private static Task PutAsync(
        AnInstallation installation, string id, decimal total, object[] lines, string type = "Order", string? status = null, string currency = "USD",
        decimal discountAmount = 0, decimal taxAmount = 0, decimal shippingAmount = 0, object? guest = null) =>
        CallBudgetTests.PutAsync(installation, "transactions", id, new
        {
            id, number = id, type, status, currency, discountAmount, taxAmount, shippingAmount, total, guest, lines,
        });

    private static object Line(string id, decimal quantity, decimal unitPrice) => new { id, sku = "SKU-1", quantity, unitPrice };

    private static async Task<string> ParkedAsync(AnInstallation installation, string id)
    {
        var transfer = await installation.TransferOfAsync("transactions", id);
        ((string?)transfer["state"]).ShouldBe("parked");
        return (string)transfer["problems"]![0]!["message"]!;
    }

    private static async Task<List<HubSpotRecord>> RecordsAsync(AnInstallation installation, string target) =>
        await installation.Account.RecordsAsync(target == "Order" ? "orders" : "deals");

    private static async Task<HubSpotRecord> HeaderAsync(AnInstallation installation, string target) => (await RecordsAsync(installation, target)).Single();

    private static string? StageOf(HubSpotRecord header) => header["dealstage"] ?? OrderStages[header["hs_pipeline_stage"]!];

    private static decimal Of(HubSpotRecord record, string property) => decimal.Parse(record[property]!, CultureInfo.InvariantCulture);
}
