using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;
using HubSpotBus.Mappings.Translating;
using Shouldly;
using Xunit;

namespace HubSpotBus.Mappings.Tests;

/// <summary>What a transaction's type, status, amounts, currency and guest become.</summary>
public sealed class TransactionSemanticsTests
{
    private static readonly TransferSettings Settings = Northwind.Settings;

    [Theory]
    [InlineData("Order", "Shipped", "s-shipped")]
    [InlineData("Order", "delivered", "s-done")]
    [InlineData("Order", "Complete", "s-done")]
    [InlineData("Order", "Canceled", "s-cancelled")]
    [InlineData("Order", "Refunded", "s-cancelled")]
    [InlineData("Order", "partially_refunded", "s-done")]
    [InlineData("Order", "On its way", "s-open")]
    [InlineData("Order", null, "s-open")]
    [InlineData("Return", "Complete", "s-cancelled")]
    [InlineData("credit memo", "Complete", "s-cancelled")]
    [InlineData("return", null, "s-cancelled")]
    public void An_order_stands_in_the_stage_of_its_status_and_type_and_in_the_first_open_one_otherwise(string type, string? status, string expected) =>
        StageOf(TransactionTarget.Order, type, status, AnAccount.OrderPipeline).ShouldBe(expected);

    [Theory]
    [InlineData("Order", "Shipped", "closedwon")]
    [InlineData("Order", "Cancelled", "closedlost")]
    [InlineData("Order", "Refunded", "closedlost")]
    [InlineData("Quote", "Declined", "closedlost")]
    [InlineData("Order", "Open", "contractsent")]
    [InlineData("Order", null, "contractsent")]
    [InlineData("Return", "Complete", "closedwon")]
    [InlineData("Return", "Cancelled", "closedlost")]
    public void Deals_are_won_when_shipped_lost_when_cancelled_and_a_return_lowers_what_was_won(string type, string? status, string expected) =>
        StageOf(TransactionTarget.Deal, type, status, AnAccount.DealPipeline).ShouldBe(expected);

    [Theory]
    [InlineData("Completed", "1")]
    [InlineData("Cancelled", "3")]
    [InlineData("Open", "0")]
    public void Where_no_label_fits_an_order_goes_by_whether_stages_are_open_or_closed(string status, string expected) =>
        StageOf(TransactionTarget.Order, "Order", status, new Pipeline("p", "Bestellungen", 0,
        [
            new PipelineStage("0", "Offen", 0, false), new PipelineStage("1", "Geliefert", 1, true),
            new PipelineStage("2", "Ersetzt", 2, true), new PipelineStage("3", "Storniert", 3, true),
        ])).ShouldBe(expected);

    [Theory]
    [InlineData("Completed", "w")]
    [InlineData("Cancelled", "l")]
    public void Where_no_label_fits_a_deal_goes_by_probability(string status, string expected) =>
        StageOf(TransactionTarget.Deal, "Order", status, new Pipeline("p", "Verkauf", 0,
        [
            new PipelineStage("o", "Offen", 0, false, 0.2m), new PipelineStage("l", "Verloren", 1, true, 0.0m), new PipelineStage("w", "Gewonnen", 2, true, 1.0m),
        ])).ShouldBe(expected);

    [Theory]
    [InlineData("Order", "On hold", "s-shipped")]
    [InlineData("Order", "on_hold", "s-shipped")]
    [InlineData("Order", "Cancelled", "s-done")]
    [InlineData("Order", "Shipped", "s-shipped")]
    [InlineData("Return", "Complete", "s-open")]
    [InlineData("Return", "Cancelled", "s-done")]
    [InlineData("CreditMemo", "Complete", "s-cancelled")]
    public void What_an_operator_set_for_a_status_goes_before_the_default_of_all_others(string type, string status, string expected)
    {
        var settings = Settings with
        {
            StagesOfStatuses = new Dictionary<string, string> { ["On Hold"] = "Shipped", ["Cancelled"] = "s-done", ["Return/*"] = "Open", ["return/cancelled"] = "s-done" },
        };
        Translate(TwoLines with { Type = type, Status = status }, settings).Transactions.Single().Properties["hs_pipeline_stage"].ShouldBe(expected);
    }

    [Fact]
    public void A_stage_that_is_not_there_parks_the_transaction_and_says_which_are()
    {
        var settings = Settings with { StagesOfStatuses = new Dictionary<string, string> { ["On Hold"] = "Frozen" } };
        var problem = Translate(TwoLines with { Status = "on hold" }, settings).Rejected.Single().Problems.Single();
        (problem.Field, problem.Value).ShouldBe(("status", "on hold"));
        problem.Message.ShouldContain("'Frozen'");
        problem.Message.ShouldContain("Its stages are Open, ");
        Translate(TwoLines with { Status = "Shipped" }, settings).Rejected.ShouldBeEmpty();
    }

    [Fact]
    public void The_lookup_is_data_and_what_somebody_writes_into_it_counts()
    {
        var edited = AnAccount.Defaults.Single(c => c.Kind == CollectionKind.Order).ToJson()
            .Replace("\"Completed\":[\"Delivered\"", "\"Completed\":[\"Open\"", StringComparison.Ordinal);
        var rule = MappingCollection.FromJson(edited).Rules.Select(r => r.Rule).OfType<StageOf>().Single();
        rule.Apply(Input("Order", "Completed", AnAccount.OrderPipeline)).Value.ShouldBe("s-open");
    }

    [Theory]
    [InlineData("36.00", "0", "0", "0")]
    [InlineData("47.74", "0", "6.84", "4.90")]
    [InlineData("30.50", "5.50", "0", "0")]
    public void Amounts_that_make_the_total_are_right_for_orders_and_deals(string total, string discount, string tax, string shipping)
    {
        var order = TwoLines with { Total = D(total), DiscountAmount = D(discount), TaxAmount = D(tax), ShippingAmount = D(shipping) };
        var asOrder = Translate(order).Transactions.Single().Properties;
        (D(asOrder["hs_subtotal_price"]) - D(asOrder["hs_order_discount"]) + D(asOrder["hs_tax"]) + D(asOrder["hs_shipping_cost"])).ShouldBe(D(total));
        D(asOrder["hs_total_price"]).ShouldBe(D(total));
        var asDeal = Translate(order, Settings with { TransactionsBecome = TransactionTarget.Deal }).Transactions.Single().Properties;
        (D(asDeal["hub_subtotal"]) - D(asDeal["hub_discount"]) + D(asDeal["hub_tax"]) + D(asDeal["hub_shipping"])).ShouldBe(D(total));
        D(asDeal["amount"]).ShouldBe(D(total));
    }

    [Fact]
    public void Amounts_that_do_not_make_the_total_are_said_with_the_arithmetic()
    {
        var order = TwoLines with { Total = 47.47m, DiscountAmount = 1m, TaxAmount = 6.84m, ShippingAmount = 4.90m };
        var problem = Translate(order).Rejected.Single().Problems.Single();
        (problem.Field, problem.Value).ShouldBe(("total", "47.47"));
        problem.Message.ShouldBe("The amounts do not make the total: lines 36.00 - discount 1.00 + tax 6.84 + shipping 4.90 = 46.74, but the total is 47.47. "
            + "Correct the transaction in the hub, or switch off Totals Must Add Up in the subscription's settings.");
    }

    [Fact]
    public void With_the_setting_off_the_hubs_total_goes_as_it_is_and_the_parts_still_make_it()
    {
        var properties = Translate(TwoLines with { Total = 40m, TaxAmount = 1m }, Settings with { TotalsMustAddUp = false }).Transactions.Single().Properties;
        (properties["hs_total_price"], properties["hs_subtotal_price"], properties["hs_tax"]).ShouldBe(("40", "39", "1"));
    }

    [Fact]
    public void Prices_that_contain_the_tax_are_not_taxed_twice()
    {
        var order = TwoLines with { Total = 36m, TaxAmount = 5.75m, PricesIncludeTax = true };
        var properties = Translate(order).Transactions.Single().Properties;
        (properties["hs_subtotal_price"], properties["hs_tax"], properties["hs_total_price"]).ShouldBe(("30.25", "5.75", "36"));
        Translate(order with { PricesIncludeTax = false }).Rejected.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("USD", "0.99", true)]
    [InlineData("USD", "1.00", true)]
    [InlineData("USD", "1.03", false)]
    [InlineData("JPY", "2", true)]
    [InlineData("JPY", "4", false)]
    public void A_source_may_round_each_line_or_the_sum(string currency, string total, bool fits)
    {
        var thirds = Enumerable.Range(1, 3).Select(n => Northwind.Line($"{n}", "NW-041", 1, 0.333333m, 0)).ToList();
        Translate(TwoLines with { Currency = currency, Total = D(total), Lines = thirds }).Transactions.Count.ShouldBe(fits ? 1 : 0);
    }

    [Theory]
    [InlineData("cancelled")]
    [InlineData("Refunded")]
    [InlineData("Partially refunded")]
    public void Of_what_was_cancelled_or_refunded_the_lines_say_what_was_ordered_and_the_total_what_is_left(string status)
    {
        var order = TwoLines with { Status = status, Total = 0m };
        Translate(order).Transactions.Single().Properties["hs_total_price"].ShouldBe("0");
        Translate(order with { Status = "Open" }).Rejected.Count.ShouldBe(1);
    }

    [Fact]
    public void Without_lines_there_is_nothing_to_add_up() => Translate(TwoLines with { Lines = [], Total = 99m }).Transactions.Count.ShouldBe(1);

    [Fact]
    public void A_return_has_negative_quantities_and_a_negative_total_its_prices_stay_positive()
    {
        var back = TwoLines with { Type = "Return", Status = "Completed", Total = -18m, Lines = [Northwind.Line("1", "NW-041", -1, 18m, 0)] };
        var order = Translate(back).Transactions.Single();
        (order.Properties["hs_total_price"], order.Properties["hs_subtotal_price"], order.Properties["hs_pipeline_stage"]).ShouldBe(("-18", "-18", "s-cancelled"));
        (order.Lines.Single().Properties["quantity"], order.Lines.Single().Properties["price"]).ShouldBe(("-1", "18"));
        Translate(back, Settings with { TransactionsBecome = TransactionTarget.Deal }).Transactions.Single().Properties["amount"].ShouldBe("-18");
    }

    [Fact]
    public void A_negative_price_is_refused_with_what_to_do_instead()
    {
        var back = TwoLines with { Total = -18m, Lines = [Northwind.Line("1", "NW-041", 1, -18m, 0)] };
        Translate(back).Rejected.Single().Problems.Single().Message
            .ShouldBe("Line 1: -18 is negative, which HubSpot does not take. Give what came back a negative quantity instead.");
    }

    [Theory]
    [InlineData(TransactionTarget.Order)]
    [InlineData(TransactionTarget.Deal)]
    public void A_currency_that_the_account_does_not_have_is_said_once_with_what_to_do(TransactionTarget target)
    {
        var translator = new Translator(new MappingSet(AnAccount.Defaults, AnAccount.Schema(AnAccount.Dropdown("deal_currency_code", "USD", "EUR")), ["USD", "EUR"]));
        var settings = Settings with { TransactionsBecome = target };
        Translate(TwoLines with { Currency = "eur" }, settings, translator).Transactions.Count.ShouldBe(1);
        var problem = Translate(TwoLines with { Currency = "CHF" }, settings, translator).Rejected.Single().Problems.Single();
        (problem.Field, problem.Value).ShouldBe(("currency", "CHF"));
        problem.Message.ShouldBe("The currency 'CHF' is not enabled in the HubSpot account. "
            + "Add it there and connect the subscription again, or correct currency in the hub.");
    }

    [Fact]
    public void A_line_that_the_account_would_refuse_keeps_its_whole_transaction_back()
    {
        var account = AnAccount.Schema(AnAccount.Dropdown("hs_sku", "NW-041"), new PropertyDefinition { Name = "quantity", Type = "number" });
        var problem = Translate(TwoLines, translator: AnAccount.Translator(account)).Rejected.Single().Problems.Single();
        problem.Field.ShouldBe("lines[2].sku");
        problem.Message.ShouldStartWith("Line 2: 'NW-042' is not an option of HubSpot's hs_sku (NW-041).");
    }

    [Fact]
    public void A_guest_is_a_contact_by_e_mail_once_however_many_transactions_it_placed()
    {
        var guest = new GuestRecord { Email = " Gus@Example.COM", FirstName = "Gus", LastName = "Guest" };
        var translated = Translate([TwoLines with { Guest = guest }, TwoLines with { Id = "2", Guest = guest with { Email = "gus@example.com" } }], Settings);
        translated.Transactions.Select(t => t.CustomerId).ShouldBe(["guest:gus@example.com", "guest:gus@example.com"]);
        var contact = translated.Guests.Single();
        (contact.Id, contact.IsGuest).ShouldBe(("guest:gus@example.com", true));
        contact.Properties.ShouldBe(new Dictionary<string, string> { ["email"] = "gus@example.com", ["firstname"] = "Gus", ["lastname"] = "Guest" }, ignoreOrder: true);
    }

    [Fact]
    public void A_customer_goes_before_a_guest()
    {
        var order = TwoLines with { CustomerId = "BERGS", Guest = new GuestRecord { Email = "nonsense" } };
        Translate(order).Transactions.Single().CustomerId.ShouldBe("BERGS");
    }

    [Fact]
    public void A_guest_without_an_e_mail_address_is_nobody()
    {
        var order = TwoLines with { Guest = new GuestRecord { LastName = "Guest" } };
        Translate(order).Transactions.Single().CustomerId.ShouldBeNull();
        Translate(order, Settings with { TransferWithoutCustomer = false }).Rejected.Single().Problems.Single().Message
            .ShouldStartWith("It has neither a customer nor a guest with an e-mail address.");
    }

    [Fact]
    public void A_guests_transaction_is_parked_where_the_setting_says_so_and_a_customers_is_not()
    {
        var settings = Settings with { GuestsBecomeContacts = false };
        var problem = Translate(TwoLines with { Guest = new GuestRecord { Email = "gus@example.com" } }, settings).Rejected.Single().Problems.Single();
        (problem.Field, problem.Value).ShouldBe(("guest.email", "gus@example.com"));
        problem.Message.ShouldStartWith("It is of a guest, gus@example.com.");
        Translate(TwoLines with { CustomerId = "BERGS" }, settings).Transactions.Count.ShouldBe(1);
    }

    [Fact]
    public void A_guest_whose_address_is_none_says_so()
    {
        var problem = Translate(TwoLines with { Guest = new GuestRecord { Email = "nonsense" } }).Rejected.Single().Problems.Single();
        problem.Field.ShouldBe("guest.email");
        problem.Message.ShouldStartWith("Guest: 'nonsense' is not an e-mail address.");
    }

    /// <summary>Nobody's order of 2 x 18.</summary>
    private static TransactionRecord TwoLines => new()
    {
        Id = "1", Number = "1", Currency = "USD", Total = 36m,
        Lines = [Northwind.Line("1", "NW-041", 1, 18m, 0), Northwind.Line("2", "NW-042", 1, 20m, 10)],
    };

    private static decimal D(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string? StageOf(TransactionTarget target, string type, string? status, Pipeline pipeline) => AnAccount.Defaults
        .Single(c => c.Kind == (target == TransactionTarget.Order ? CollectionKind.Order : CollectionKind.Deal))
        .Rules.Select(r => r.Rule).OfType<StageOf>().Single().Apply(Input(type, status, pipeline)).Value;

    private static RuleInput Input(string type, string? status, Pipeline pipeline) => new(name => name == "type" ? type : status, pipeline);

    private static TranslatedTransactions Translate(TransactionRecord order, TransferSettings? settings = null, Translator? translator = null) =>
        Translate([order], settings ?? Settings, translator);

    private static TranslatedTransactions Translate(IEnumerable<TransactionRecord> orders, TransferSettings settings, Translator? translator = null)
    {
        translator ??= AnAccount.Translator();
        var customers = translator.Customers([Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()]);
        var references = new References([Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()], customers, translator.Products([]));
        return translator.Transactions(settings, [.. orders.Select(o => o.Snapshot())], references);
    }
}
