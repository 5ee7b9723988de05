using HubSpotBus.HubSpot;

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

    /// <summary>Every property of an object type that a set can fill.</summary>
    public static IEnumerable<string> PropertiesOf(string objectType) =>
        All.Where(c => c.ObjectType == objectType).SelectMany(c => c.Rules).Select(r => r.Property);

    private static MappingCollection Company => new()
    {
        Kind = CollectionKind.Company,
        ObjectType = ObjectTypes.Companies,
        Rules =
        [
            Field("name", "name"),
            new("domain", new DomainOf("url")),
            Field("website", "url"),
            Phone,
            Field("description", "description"),
            Field("address", "address.address1"),
            Field("address2", "address.address2"),
            .. Place("", "zip", "address"),
        ],
        Requirements = [new(["name", "domain"], "A company needs a name or a web address. Fill name or url in the hub.")],
    };

    private static MappingCollection Customer => new()
    {
        Kind = CollectionKind.Customer,
        ObjectType = ObjectTypes.Contacts,
        Rules =
        [
            Field("firstname", "firstName"),
            Field("lastname", "lastName"),
            new("email", new EmailOf("email")),
            Phone,
            Field("fax", "fax"),
            Field("jobtitle", "jobTitle"),
            Street("address", "address"),
            .. Place("", "zip", "address"),
        ],
        Requirements =
        [
            new(["email", "firstname", "lastname"],
                "A customer needs an e-mail address or a name. Fill email, firstName or lastName in the hub."),
        ],
    };

    private static MappingCollection Product => new()
    {
        Kind = CollectionKind.Product,
        ObjectType = ObjectTypes.Products,
        Rules =
        [
            Field("name", "name"),
            Field("description", "description"),
            Field("hs_sku", "sku"),
            new("price", new NumberOf("price")),
            new("hs_cost_of_goods_sold", new NumberOf("cost")),
        ],
        Requirements = [new(["name"], "A product needs a name. Fill name in the hub.")],
    };

    private static MappingCollection Variant => new()
    {
        Kind = CollectionKind.Variant,
        ObjectType = ObjectTypes.Products,
        Rules =
        [
            new("name", new FirstOf([new FromField("name"), new Join(" ", ["parent.name", "optionValues"])])),
            Field("description", "parent.description"),
            Field("hs_sku", "sku"),
            new("price", new FirstOf([new NumberOf("price"), new NumberOf("parent.price")])),
            new("hs_cost_of_goods_sold", new FirstOf([new NumberOf("cost"), new NumberOf("parent.cost")])),
        ],
        Requirements = [new(["name"], "A variant needs a name, its own or its product's. Fill name in the hub.")],
    };

    private static MappingCollection Order => new()
    {
        Kind = CollectionKind.Order,
        ObjectType = ObjectTypes.Orders,
        Rules =
        [
            new("hs_order_name", new FirstOf([new FromField("number"), new FromField("id")])),
            Field("hs_external_order_id", "id"),
            Field("hs_external_order_status", "status"),
            new("hs_external_created_date", new DateTimeOf("placedAt")),
            new("hs_currency_code", new CurrencyOf("currency")),
            new("hs_total_price", new NumberOf("total")),
            new("hs_subtotal_price", new NumberOf("subtotal")),
            new("hs_tax", new NumberOf("taxAmount")),
            new("hs_shipping_cost", new NumberOf("shippingAmount")),
            new("hs_order_discount", new NumberOf("discountAmount")),
            .. OrderAddress("shipping", "shippingAddress"),
            .. OrderAddress("billing", "billingAddress"),
            new("hs_pipeline", new PipelineOf()),
            new("hs_pipeline_stage", new StageOf("status", Stages.OfOrders, [], "type")),
        ],
        Requirements = [new(["hs_order_name"], "An order needs a name. Fill number in the hub.")],
    };

    private static MappingCollection Deal => new()
    {
        Kind = CollectionKind.Deal,
        ObjectType = ObjectTypes.Deals,
        Rules =
        [
            new("dealname", new FirstOf([new FromField("number"), new FromField("id")])),
            new("amount", new NumberOf("total")),
            new("closedate", new DateTimeOf("placedAt")),
            new("deal_currency_code", new CurrencyOf("currency")),
            Field(OwnProperties.Status, "status"),
            new(OwnProperties.Subtotal, new NumberOf("subtotal")),
            new(OwnProperties.Tax, new NumberOf("taxAmount")),
            new(OwnProperties.Shipping, new NumberOf("shippingAmount")),
            new(OwnProperties.Discount, new NumberOf("discountAmount")),
            new("pipeline", new PipelineOf()),
            new("dealstage", new StageOf("status", Stages.OfDeals, ["contractsent"], "type")),
        ],
        Requirements =
        [
            new(["dealname"], "A deal needs a name. Fill number in the hub."),
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
            new("name", new FirstOf([new FromField("description"), new FromField("productName"), new FromField("sku")])),
            Field("hs_sku", "sku"),
            new("quantity", new NumberOf("quantity")),
            new("price", new NumberOf("unitPrice")),
            // Zero too: a discount that was taken away must not stay in HubSpot and make its total differ from the hub's.
            new("hs_discount_percentage", new NumberOf("discountPercent")),
            new("hs_line_item_currency_code", new CurrencyOf("currency")),
        ],
        Requirements = [],
    };

    private static IReadOnlyList<MappingCollection> All => [Company, Customer, Product, Variant, Order, Deal, Line];

    private static PropertyRule Field(string property, string field) => new(property, new FromField(field));

    private static PropertyRule Phone => new("phone", new FirstOf([new FromField("phone"), new FromField("address.phone")]));

    private static PropertyRule Street(string property, string address) =>
        new(property, new Join(", ", [$"{address}.address1", $"{address}.address2"]));

    private static IEnumerable<PropertyRule> Place(string prefix, string postalCode, string address) =>
    [
        Field(prefix + "city", $"{address}.city"),
        Field(prefix + "state", $"{address}.region"),
        Field(prefix + postalCode, $"{address}.postalCode"),
        Field(prefix + "country", $"{address}.country"),
    ];

    private static IEnumerable<PropertyRule> OrderAddress(string which, string address) =>
    [
        new($"hs_{which}_address_name",
            new FirstOf([new Join(" ", [$"{address}.firstName", $"{address}.lastName"]), new FromField($"{address}.company")])),
        Field($"hs_{which}_address_phone", $"{address}.phone"),
        Street($"hs_{which}_address_street", address),
        .. Place($"hs_{which}_address_", "postal_code", address),
    ];
}
