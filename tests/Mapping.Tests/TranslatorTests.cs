using System.Text.Json;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Mappings.Schema;
using HubSpotBus.Mappings.Translating;
using Shouldly;
using Xunit;

namespace HubSpotBus.Mappings.Tests;

public sealed class TranslatorTests
{
    [Fact]
    public void A_transaction_says_everything_that_is_wrong_with_it()
    {
        var order = Northwind.Order with
        {
            CustomerId = "NOBODY",
            CompanyId = "NOWHERE",
            Currency = "Dollars",
            Lines = [Northwind.Line("1", " ", -1, -2m, 101), Northwind.Line("2", "A", 1, 1, 0), Northwind.Line("2", "B", 1, 1, -5)],
        };

        var translated = Transactions(order);

        translated.Transactions.ShouldBeEmpty();
        var rejected = translated.Rejected.Single();
        (rejected.DataType, rejected.Id).ShouldBe((DataType.Transaction, "10250"));
        rejected.Problems.Select(p => (p.Field, p.Value)).ShouldBe(
        [
            ("currency", "Dollars"),
            ("customerId", "NOBODY"),
            ("companyId", "NOWHERE"),
            ("lines", "2"),
            ("lines[1].sku", null),
            ("lines[1].unitPrice", "-2"),
            ("lines[1].discountPercent", "101"),
            ("lines[2].discountPercent", "-5"),
        ]);
        rejected.Problems.ShouldAllBe(p => p.Message.EndsWith('.'));
        rejected.Problems.Single(p => p.Field == "customerId").Message
            .ShouldBe("The hub has no customer 'NOBODY'. Add it to the hub, or correct customerId of the transaction.");
    }

    [Fact]
    public void One_bad_record_does_not_lose_the_others()
    {
        var bad = new CustomerRecord { Id = "BAD", Email = "nonsense" };
        var translated = AnAccount.Translator()
            .Customers(
            [new CompanyRecord { Id = "EMPTY" }.Snapshot(), Northwind.Berglunds.Snapshot()],
            [bad.Snapshot(), Northwind.Christina.Snapshot()]);
        translated.Companies.Select(c => c.Id).ShouldBe(["BERGS"]);
        translated.Customers.Select(c => c.Id).ShouldBe(["BERGS"]);
        translated.Rejected.Select(r => (r.DataType, r.Id, r.Problems.Single().Field))
            .ShouldBe([(DataType.Company, "EMPTY", "name or url"), (DataType.Customer, "BAD", "email")]);
    }

    [Fact]
    public void A_company_is_told_what_it_needs() =>
        AnAccount.Translator().Customers([new CompanyRecord { Id = "EMPTY", Url = "no site" }.Snapshot()], [])
        .Rejected.Single().Problems.Single().Message.ShouldBe("A company needs a name or a web address. Fill name or url in the hub.");

    [Fact]
    public void A_company_with_a_web_address_needs_no_name() =>
        AnAccount.Translator().Customers([new CompanyRecord { Id = "C", Url = "example.com" }.Snapshot()], []).Companies
            .Single().Properties["domain"].ShouldBe("example.com");

    [Fact]
    public void What_refers_to_a_rejected_record_is_rejected_with_that_record_s_reason()
    {
        var company = new CompanyRecord { Id = "BERGS" }.Snapshot();
        var translator = AnAccount.Translator();
        var customers = translator.Customers([company], [Northwind.Christina.Snapshot()]);
        customers.Customers.ShouldBeEmpty();
        customers.Rejected[1].Problems.Single().Message
            .ShouldStartWith("Its company 'BERGS' cannot be transferred: A company needs a name");

        var references = new References([company], [Northwind.Christina.Snapshot()], customers, translator.Products([]));
        var order = translator.Transactions(Northwind.Settings, [Northwind.Order.Snapshot()], references).Rejected.Single();
        order.Problems.Select(p => p.Field).ShouldBe(["customerId", "companyId"]);
    }

    [Fact]
    public void The_company_of_a_transaction_is_its_own_or_that_of_its_customer()
    {
        Transactions(Northwind.Order).Transactions.Single().CompanyId.ShouldBe("BERGS");
        Transactions(Northwind.Order with { CustomerId = null }).Transactions.Single().CompanyId.ShouldBeNull();
        Transactions(Northwind.Order with { CompanyId = "OTHER" }).Rejected.Single().Problems.Single().Value.ShouldBe("OTHER");
    }

    [Fact]
    public void A_product_goes_with_all_its_variants_or_not_at_all()
    {
        var shirt = Northwind.Shirt with { Variants = [.. Northwind.Shirt.Variants,
            new VariantRecord { Id = "V3", Sku = "", Price = -1 }] };
        var translated = AnAccount.Translator().Products([shirt.Snapshot(), Northwind.Chai.Snapshot()]);
        translated.Products.Select(p => p.Id).ShouldBe(["1"]);
        translated.Rejected.Single().Problems.Select(p => p.Field).ShouldBe(["variants[V3].sku", "variants[V3].price"]);
    }

    [Fact]
    public void A_product_and_its_variants_do_not_share_a_SKU()
    {
        var shirt = Northwind.Shirt with { Variants = [new VariantRecord { Id = "V1", Sku = "SHIRT" }] };
        AnAccount.Translator().Products([shirt.Snapshot()]).Rejected.Single().Problems.Single().Value.ShouldBe("SHIRT");
    }

    [Fact]
    public void A_product_without_a_name_is_told_so() => AnAccount.Translator().Products([(Northwind.Chai with { Name = "" }).Snapshot()])
        .Rejected.Single().Problems.Single().Message.ShouldBe("A product needs a name. Fill name in the hub.");

    [Fact]
    public void Deals_are_not_written_while_the_stages_of_the_account_are_unknown()
    {
        var translator = AnAccount.Translator([]);
        translator
            .Transactions(Northwind.Settings, [(Northwind.Order with { CustomerId = null }).Snapshot()], Nothing(translator)).Rejected
            .ShouldBeEmpty();
        translator.Transactions(Northwind.Settings with { TransactionsBecome = TransactionTarget.Deal }, [(Northwind.Order with { CustomerId = null }).Snapshot()], Nothing(translator))
            .Rejected.Single().Problems.ShouldAllBe(p => p.Message.EndsWith("Connect the subscription again."));
    }

    [Fact]
    public void What_the_account_does_not_have_or_does_not_let_us_write_is_left_out()
    {
        var set = new MappingSet(AnAccount.Defaults, AnAccount.Without("hs_tax", "fax"));
        set.LeftOut.ShouldBe(["contacts.fax", "orders.hs_tax"]);
        var order = new Translator(set)
            .Transactions(Northwind.Settings, [(Northwind.Order with { CustomerId = null }).Snapshot()], Nothing(new Translator(set)));
        order.Transactions.Single().Properties.Keys.ShouldNotContain("hs_tax");

        var closed = AnAccount.Schema(new PropertyDefinition { Name = "hs_tax", Type = "number", ReadOnly = true });
        new MappingSet(AnAccount.Defaults, closed).LeftOut.ShouldBe(["orders.hs_tax"]);
    }

    [Fact]
    public void A_currency_that_the_account_lacks_is_said_once_however_many_lines_there_are()
    {
        var schema = AnAccount
            .Schema(AnAccount.Dropdown("hs_currency_code", "EUR"), AnAccount.Dropdown("hs_line_item_currency_code", "EUR"));
        var problem = Transactions(Northwind.Order with { CustomerId = null }, schema).Rejected.Single().Problems.Single();
        problem.Field.ShouldBe("currency");
        problem.Message.ShouldBe("The currency 'USD' is not enabled in the HubSpot account. "
            + "Add it there and connect the subscription again, or correct currency in the hub.");
    }

    [Fact]
    public void A_record_that_comes_twice_goes_once_in_its_newest_version()
    {
        var company = AnAccount.Translator()
            .Customers(
                [Northwind.Berglunds.Snapshot(3), (Northwind.Berglunds with { Name = "New" })
                .Snapshot(4), (Northwind.Berglunds with { Name = "Old" }).Snapshot(2)], [])
            .Companies.Single();
        (company.Version, company.Properties["name"]).ShouldBe((4, "New"));
    }

    [Fact]
    public void The_same_records_always_give_the_same_text()
    {
        var schema = AnAccount.Schema();
        var backwards = schema.Reverse().Select(s => s with { Properties = [.. s.Properties.Reverse()] }).ToList();
        var once = JsonSerializer.Serialize(Everything(schema, Northwind.Shirt));
        var options = Northwind.Shirt.Variants[0].Options.Reverse().ToDictionary();
        var again = JsonSerializer
            .Serialize(
            Everything(
            backwards,
            Northwind.Shirt with { Variants = [Northwind.Shirt.Variants[0] with { Options = options }, Northwind.Shirt.Variants[1]] }));
        again.ShouldBe(once);
    }

    [Fact]
    public void A_thousand_orders_of_any_shape_are_mapped_or_say_why_and_never_both()
    {
        string?[] texts = [null, "", " ", "México D.F.", "Münster", new string('x', 65_537), "a;b", "\"quoted\"", "😀"];
        decimal[] numbers = [0, -1, 0.001m, 19.99m, 1_000_000m, decimal.MaxValue];
        var orders = Enumerable.Range(0, 1000).Select(i => new TransactionRecord
        {
            Id = $"T{i}",
            Number = texts[i % texts.Length],
            Status = texts[i / 3 % texts.Length],
            Currency = i % 7 == 0 ? texts[i % texts.Length] : "USD",
            Total = numbers[i % numbers.Length],
            DiscountAmount = numbers[i / 5 % numbers.Length],
            ShippingAddress = i % 2 == 0 ? null : new AddressRecord { City = texts[i / 7 % texts.Length] },
            Lines = [.. Enumerable.Range(0, i % 4)
                .Select(n =>
                Northwind.Line($"{n}", texts[(i + n) % texts.Length] ?? "", numbers[n], numbers[(i + n) % numbers.Length], n))],
        }).ToList();

        var translated = Transactions(orders);

        translated.Transactions.Select(t => t.Id).Concat(translated.Rejected.Select(r => r.Id)).Order()
            .ShouldBe(orders.Select(o => o.Id).Order());
        translated.Transactions
            .ShouldAllBe(
            t => t.Properties.Values.Concat(t.Lines.SelectMany(l => l.Properties.Values)).All(v => v.Length > 0 && v.Length <= 65_536));
        translated.Rejected.ShouldAllBe(r => r.Problems.Count > 0 && r.Problems.All(p => p.Value == null || p.Value.Length < 200));
        translated.Transactions.ShouldNotBeEmpty();
        translated.Rejected.ShouldNotBeEmpty();
    }

    private static object Everything(IReadOnlyList<ObjectSchema> schema, ProductRecord product)
    {
        var translator = AnAccount.Translator(schema);
        var customers = translator.Customers([Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()]);
        var products = translator.Products([product.Snapshot()]);
        var references = new References([Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()], customers, products);
        return (object[])[customers, products, translator.Transactions(Northwind.Settings, [Northwind.Order.Snapshot()], references)];
    }

    private static TranslatedTransactions Transactions(TransactionRecord order, IReadOnlyList<ObjectSchema>? schema = null) =>
        Transactions([order], schema);

    private static TranslatedTransactions Transactions(IEnumerable<TransactionRecord> orders, IReadOnlyList<ObjectSchema>? schema = null)
    {
        var translator = AnAccount.Translator(schema);
        var customers = translator.Customers([Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()]);
        var references = new References(
            [Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()], customers, translator.Products([]));
        return translator.Transactions(Northwind.Settings, [.. orders.Select(o => o.Snapshot())], references);
    }

    private static References Nothing(Translator translator) => new([], [], translator.Customers([], []), translator.Products([]));
}
