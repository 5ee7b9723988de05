namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>A type of records, the property that carries a record's name, and one that the probe leaves empty.</summary>
internal sealed record ObjectType(string Name, string NameProperty, string EmptyProperty)
{
    public static readonly ObjectType Contacts = new("contacts", "firstname", "jobtitle");
    public static readonly ObjectType Companies = new("companies", "name", "description");
    public static readonly ObjectType Products = new("products", "name", "hs_sku");
    public static readonly ObjectType Orders = new("orders", "hs_order_name", "hs_shipping_tracking_number");
    public static readonly ObjectType Deals = new("deals", "dealname", "description");
    public static readonly ObjectType LineItems = new("line_items", "name", "description");

    public static readonly IReadOnlyList<ObjectType> All = [Contacts, Companies, Products, Orders, Deals, LineItems];

    public override string ToString() => Name;
}
