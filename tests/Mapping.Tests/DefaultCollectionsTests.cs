using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Translating;
using Shouldly;
using Xunit;

namespace HubSpotBus.Mappings.Tests;

public sealed class DefaultCollectionsTests
{
    private static readonly Translator Translator = AnAccount.Translator();

    public static TheoryData<CollectionKind> Kinds => [.. Enum.GetValues<CollectionKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Each_kind_has_one_collection_that_names_existing_fields_and_each_property_once(CollectionKind kind)
    {
        var collection = AnAccount.Defaults.Single(c => c.Kind == kind);
        collection.Rules.SelectMany(r => r.Rule.Reads).ShouldBeSubsetOf(FieldsOf(kind));
        collection.Rules.Select(r => r.Property).ShouldBeUnique();
        collection.Requirements.SelectMany(r => r.AnyOf).ShouldBeSubsetOf(collection.Rules.Select(r => r.Property));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_collection_is_the_same_after_it_was_stored(CollectionKind kind)
    {
        var json = AnAccount.Defaults.Single(c => c.Kind == kind).ToJson();
        MappingCollection.FromJson(json).ToJson().ShouldBe(json);
    }

    [Fact]
    public void A_set_that_does_not_exist_is_refused() =>
        Should.Throw<InvalidOperationException>(() => DefaultCollections.Of("1999.1")).Message.ShouldContain("'1999.1'");

    [Fact]
    public void A_company_of_Northwind_becomes_a_company() =>
        Lines(Translator.Customers([Northwind.Berglunds.Snapshot()], []).Companies.Single().Properties).ShouldBe(
    [
        "address=Berguvsvägen  8",
        "city=Luleå",
        "country=Sweden",
        "domain=berglunds.se",
        "name=Berglunds snabbköp",
        "phone=0921-12 34 65",
        "website=http://www.Berglunds.se/butik",
        "zip=S-958 22",
    ]);

    [Fact]
    public void A_customer_of_Northwind_becomes_a_contact_of_its_company()
    {
        var contact = Translator.Customers([], [Northwind.Christina.Snapshot(7)]).Customers.Single();
        (contact.Id, contact.Version, contact.TrackingId, contact.CompanyId).ShouldBe(("BERGS", 7, "track-7", "BERGS"));
        Lines(contact.Properties).ShouldBe(
        [
            "address=Berguvsvägen  8",
            "city=Luleå",
            "country=Sweden",
            "email=christina.berglund@berglunds.se",
            "fax=0921-12 34 67",
            "firstname=Christina",
            "jobtitle=Order Administrator",
            "lastname=Berglund",
            "phone=0921-12 34 65",
            "zip=S-958 22",
        ]);
    }

    [Fact]
    public void A_product_of_Northwind_becomes_a_product() =>
        Lines(Translator.Products([Northwind.Chai.Snapshot()]).Products.Single().Properties)
        .ShouldBe(["description=10 boxes x 20 bags", "hs_sku=NW-001", "name=Chai", "price=18"]);

    [Fact]
    public void A_product_with_variants_becomes_a_product_each_the_parent_first()
    {
        var products = Translator.Products([Northwind.Shirt.Snapshot()]).Products;
        products.Select(p => (p.Id, p.Sku, p.ParentId))
            .ShouldBe([("P1", "SHIRT", null), ("V1", "SHIRT-L", "P1"), ("V2", "SHIRT-XL", "P1")]);
        Lines(products[0].Properties)
            .ShouldBe(["description=Cotton", "hs_cost_of_goods_sold=8.5", "hs_sku=SHIRT", "name=Shirt", "price=20"]);
        Lines(products[1].Properties)
            .ShouldBe(["description=Cotton", "hs_cost_of_goods_sold=8.5", "hs_sku=SHIRT-L", "name=Shirt blue L", "price=20"]);
        Lines(products[2].Properties)
            .ShouldBe(["description=Cotton", "hs_cost_of_goods_sold=9", "hs_sku=SHIRT-XL", "name=Shirt for giants", "price=24.9"]);
    }

    [Fact]
    public void An_order_of_Northwind_becomes_an_order_with_its_lines()
    {
        var order = Transaction(TransactionTarget.Order, Northwind.Order);
        (order.CustomerId, order.CompanyId).ShouldBe(("BERGS", "BERGS"));
        Lines(order.Properties).ShouldBe(
        [
            "hs_currency_code=USD",
            "hs_external_created_date=1996-07-08T00:00:00.000Z",
            "hs_external_order_id=10250",
            "hs_external_order_status=Shipped",
            "hs_order_discount=0",
            "hs_order_name=10250",
            "hs_pipeline=order-pipeline",
            "hs_pipeline_stage=s-shipped",
            "hs_shipping_address_city=Rio de Janeiro",
            "hs_shipping_address_country=Brazil",
            "hs_shipping_address_name=Hanari Carnes",
            "hs_shipping_address_postal_code=05454-876",
            "hs_shipping_address_state=RJ",
            "hs_shipping_address_street=Rua do Paço, 67",
            "hs_shipping_cost=65.83",
            "hs_subtotal_price=1552.6",
            "hs_tax=0",
            "hs_total_price=1618.43",
        ]);
        Lines(order.Lines[1].Properties).ShouldBe(
            ["hs_discount_percentage=15", "hs_line_item_currency_code=USD", "hs_sku=NW-051", "name=NW-051", "price=42.4", "quantity=35"]);
        order.Lines.Select(l => (l.Id, l.Sku)).ShouldBe([("41", "NW-041"), ("51", "NW-051"), ("65", "NW-065")]);
    }

    [Fact]
    public void An_order_of_Northwind_becomes_a_deal_where_the_subscription_says_so() =>
        Lines(Transaction(TransactionTarget.Deal, Northwind.Order).Properties).ShouldBe(
            ["amount=1618.43", "closedate=1996-07-08T00:00:00.000Z", "deal_currency_code=USD", "dealname=10250", "dealstage=closedwon",
                "hub_discount=0", "hub_shipping=65.83", "hub_status=Shipped", "hub_subtotal=1552.6", "hub_tax=0", "pipeline=default"]);

    [Fact]
    public void An_order_without_a_number_is_named_by_its_id() =>
        Transaction(TransactionTarget.Order, Northwind.Order with { Number = null, Id = "X9" }).Properties["hs_order_name"].ShouldBe("X9");

    [Theory]
    [InlineData("1618.43", "0", "65.83", "0")]
    [InlineData("100.10", "3.33", "4.99", "19.07")]
    [InlineData("-42.00", "0", "0", "0")]
    [InlineData("0.01", "12.345", "0", "0")]
    public void The_parts_add_up_to_the_total_of_the_hub(string total, string discount, string shipping, string tax)
    {
        var properties = Transaction(TransactionTarget.Order, Northwind.Order with
        {
            Lines = [], Total = decimal.Parse(total), DiscountAmount = decimal.Parse(discount), ShippingAmount = decimal
                .Parse(shipping), TaxAmount = decimal.Parse(tax),
        }).Properties;
        decimal Of(string property) => decimal.Parse(properties[property]);
        Of("hs_total_price").ShouldBe(decimal.Parse(total));
        (Of("hs_subtotal_price") - Of("hs_order_discount") + Of("hs_shipping_cost") + Of("hs_tax")).ShouldBe(decimal.Parse(total));
    }

    [Fact]
    public void A_line_is_named_by_its_text_or_by_its_product()
    {
        var chai = Northwind.Line("1", "NW-001", 2, 18m, 0);
        var products = Translator.Products([Northwind.Chai.Snapshot()]);
        var references = new References([], [], Translator.Customers([], []), products);
        var order = Northwind.Order with { CustomerId = null, Total = 137.83m, Lines = [chai, chai with { Id = "2", Description = "Chai, gift-wrapped" }] };
        Translator.Transactions(Northwind.Settings, [order.Snapshot()], references).Transactions.Single()
            .Lines.Select(l => l.Properties["name"]).ShouldBe(["Chai", "Chai, gift-wrapped"]);
    }

    [Fact]
    public void A_discount_that_was_taken_away_is_written_as_zero() =>
        Transaction(TransactionTarget.Order, Northwind.Order).Lines[0].Properties["hs_discount_percentage"].ShouldBe("0");

    private static Contracts.Mappings.MappedTransaction Transaction(TransactionTarget target, TransactionRecord record)
    {
        var customers = Translator.Customers([Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()]);
        var references = new References(
            [Northwind.Berglunds.Snapshot()], [Northwind.Christina.Snapshot()], customers, Translator.Products([]));
        return Translator.Transactions(Northwind.Settings with { TransactionsBecome = target }, [record.Snapshot()], references).Transactions.Single();
    }

    private static IEnumerable<string> Lines(IReadOnlyDictionary<string, string> properties) =>
        properties.Select(p => $"{p.Key}={p.Value}");

    private static IEnumerable<string> FieldsOf(CollectionKind kind) => kind switch
    {
        CollectionKind.Company => Fields.Company.Names,
        CollectionKind.Customer => Fields.Customer.Names,
        CollectionKind.Product => Fields.Product.Names,
        CollectionKind.Variant => Fields.Variant.Names,
        CollectionKind.Line => Fields.Line.Names,
        _ => Fields.Transaction.Names,
    };
}
