using HubSpotBus.Mappings.Schema;

namespace HubSpotBus.Mappings.Collections;

/// <summary>The mapping sets that an integration version can fix. Today there is one.</summary>
public static class DefaultCollections
{
    public const string Set = "2026.1";

    /// <summary>The collections of a set; an unknown set is a mistake of the version that names it.</summary>
    public static IReadOnlyList<MappingCollection> Of(string set) => set == Set
        ? All
        : throw new InvalidOperationException($"There is no mapping set '{set}'. Choose '{Set}' in the integration version.");

    public static bool Has(string set) => set == Set;

    private static MappingCollection Company => new()
    {
        Kind = CollectionKind.Company,
        ObjectType = ObjectTypes.Companies,
        Rules =
        [
            Field("name", "Name"),
            new("domain", new DomainOf("Url")),
            Field("website", "Url"),
            Phone,
            Field("description", "Description"),
            Field("address", "Address.Address1"),
            Field("address2", "Address.Address2"),
            .. Place("", "zip", "Address"),
        ],
        Requirements = [new(["name", "domain"], "A company needs a name or a web address. Fill Name or Url in the hub.")],
    };

    private static MappingCollection Customer => new()
    {
        Kind = CollectionKind.Customer,
        ObjectType = ObjectTypes.Contacts,
        Rules =
        [
            Field("firstname", "FirstName"),
            Field("lastname", "LastName"),
            new("email", new EmailOf("Email")),
            Phone,
            Field("fax", "Fax"),
            Field("jobtitle", "JobTitle"),
            Street("address", "Address"),
            .. Place("", "zip", "Address"),
        ],
        Requirements =
        [
            new(["email", "firstname", "lastname"], "A customer needs an e-mail address or a name. Fill Email, FirstName or LastName in the hub."),
        ],
    };

    private static MappingCollection Product => new()
    {
        Kind = CollectionKind.Product,
        ObjectType = ObjectTypes.Products,
        Rules =
        [
            Field("name", "Name"),
            Field("description", "Description"),
            Field("hs_sku", "Sku"),
            new("price", new NumberOf("Price")),
            new("hs_cost_of_goods_sold", new NumberOf("Cost")),
        ],
        Requirements = [new(["name"], "A product needs a name. Fill Name in the hub.")],
    };

    private static MappingCollection Variant => new()
    {
        Kind = CollectionKind.Variant,
        ObjectType = ObjectTypes.Products,
        Rules =
        [
            new("name", new FirstOf([new FromField("Name"), new Join(" ", ["Parent.Name", "OptionValues"])])),
            Field("description", "Parent.Description"),
            Field("hs_sku", "Sku"),
            new("price", new FirstOf([new NumberOf("Price"), new NumberOf("Parent.Price")])),
            new("hs_cost_of_goods_sold", new FirstOf([new NumberOf("Cost"), new NumberOf("Parent.Cost")])),
        ],
        Requirements = [new(["name"], "A variant needs a name, its own or its product's. Fill Name in the hub.")],
    };

    private static MappingCollection Order => new()
    {
        Kind = CollectionKind.Order,
        ObjectType = ObjectTypes.Orders,
        Rules =
        [
            new("hs_order_name", new FirstOf([new FromField("Number"), new FromField("Id")])),
            Field("hs_external_order_id", "Id"),
            Field("hs_external_order_status", "Status"),
            new("hs_external_created_date", new DateTimeOf("PlacedAt")),
            new("hs_currency_code", new CurrencyOf("Currency")),
            new("hs_total_price", new NumberOf("Total")),
            new("hs_subtotal_price", new NumberOf("Subtotal")),
            new("hs_tax", new NumberOf("TaxAmount")),
            new("hs_shipping_cost", new NumberOf("ShippingAmount")),
            new("hs_order_discount", new NumberOf("DiscountAmount")),
            .. OrderAddress("shipping", "ShippingAddress"),
            .. OrderAddress("billing", "BillingAddress"),
            new("hs_pipeline", new PipelineOf()),
            new("hs_pipeline_stage", new StageOf("Status", Stages.OfOrders, [])),
        ],
        Requirements = [new(["hs_order_name"], "An order needs a name. Fill Number in the hub.")],
    };

    private static MappingCollection Deal => new()
    {
        Kind = CollectionKind.Deal,
        ObjectType = ObjectTypes.Deals,
        Rules =
        [
            new("dealname", new FirstOf([new FromField("Number"), new FromField("Id")])),
            new("amount", new NumberOf("Total")),
            new("closedate", new DateTimeOf("PlacedAt")),
            new("deal_currency_code", new CurrencyOf("Currency")),
            new("pipeline", new PipelineOf()),
            new("dealstage", new StageOf("Status", Stages.OfDeals, ["contractsent"])),
        ],
        Requirements =
        [
            new(["dealname"], "A deal needs a name. Fill Number in the hub."),
            new(["pipeline"], "The pipelines of HubSpot's deals are not known here. Connect the subscription again."),
            new(["dealstage"], "The stages of HubSpot's deals are not known here. Connect the subscription again."),
        ],
    };

    private static MappingCollection Line => new()
    {
        Kind = CollectionKind.Line,
        ObjectType = ObjectTypes.LineItems,
        Rules =
        [
            new("name", new FirstOf([new FromField("Description"), new FromField("ProductName"), new FromField("Sku")])),
            Field("hs_sku", "Sku"),
            new("quantity", new NumberOf("Quantity")),
            new("price", new NumberOf("UnitPrice")),
            // Zero too: a discount that was taken away must not stay in HubSpot and make its total differ from the hub's.
            new("hs_discount_percentage", new NumberOf("DiscountPercent")),
            new("hs_line_item_currency_code", new CurrencyOf("Currency")),
        ],
        Requirements = [],
    };

    private static IReadOnlyList<MappingCollection> All => [Company, Customer, Product, Variant, Order, Deal, Line];

    private static PropertyRule Field(string property, string field) => new(property, new FromField(field));

    private static PropertyRule Phone => new("phone", new FirstOf([new FromField("Phone"), new FromField("Address.Phone")]));

    private static PropertyRule Street(string property, string address) =>
        new(property, new Join(", ", [$"{address}.Address1", $"{address}.Address2"]));

    private static IEnumerable<PropertyRule> Place(string prefix, string postalCode, string address) =>
    [
        Field(prefix + "city", $"{address}.City"),
        Field(prefix + "state", $"{address}.Region"),
        Field(prefix + postalCode, $"{address}.PostalCode"),
        Field(prefix + "country", $"{address}.Country"),
    ];

    private static IEnumerable<PropertyRule> OrderAddress(string which, string address) =>
    [
        new($"hs_{which}_address_name", new FirstOf([new Join(" ", [$"{address}.FirstName", $"{address}.LastName"]), new FromField($"{address}.Company")])),
        Field($"hs_{which}_address_phone", $"{address}.Phone"),
        Street($"hs_{which}_address_street", address),
        .. Place($"hs_{which}_address_", "postal_code", address),
    ];
}
