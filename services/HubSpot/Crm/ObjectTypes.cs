namespace HubSpotBus.HubSpot;

/// <summary>HubSpot's object types, as they are spelled in paths.</summary>
public static class ObjectTypes
{
    /// <summary>Contacts (0-1).</summary>
    public const string Contacts = "contacts";

    /// <summary>Companies (0-2).</summary>
    public const string Companies = "companies";

    /// <summary>Deals (0-3).</summary>
    public const string Deals = "deals";

    /// <summary>Products (0-7).</summary>
    public const string Products = "products";

    /// <summary>Line items (0-8).</summary>
    public const string LineItems = "line_items";

    /// <summary>Orders (0-123).</summary>
    public const string Orders = "orders";
}

/// <summary>Ids of HubSpot's own association types.</summary>
public static class AssociationTypes
{
    /// <summary>Contact to company, without label.</summary>
    public const int ContactToCompany = 279;

    /// <summary>Contact to its primary company.</summary>
    public const int ContactToPrimaryCompany = 1;

    /// <summary>Order to contact.</summary>
    public const int OrderToContact = 507;

    /// <summary>Order to its primary company.</summary>
    public const int OrderToPrimaryCompany = 509;

    /// <summary>Deal to contact.</summary>
    public const int DealToContact = 3;

    /// <summary>Deal to its primary company.</summary>
    public const int DealToPrimaryCompany = 5;

    /// <summary>Line item to its order.</summary>
    public const int LineItemToOrder = 514;

    /// <summary>Line item to its deal.</summary>
    public const int LineItemToDeal = 20;
}

/// <summary>Our own unique text properties: the keys by which every write can be repeated.</summary>
public static class KeyProperties
{
    /// <summary>On companies.</summary>
    public const string Company = "hub_company_id";

    /// <summary>On contacts.</summary>
    public const string Customer = "hub_customer_id";

    /// <summary>On products.</summary>
    public const string Product = "hub_product_id";

    /// <summary>On orders and deals.</summary>
    public const string Transaction = "hub_transaction_id";

    /// <summary>On line items.</summary>
    public const string Line = "hub_line_id";

    /// <summary>Value of a key property: the hub's key keeps several hubs on one account apart.</summary>
    public static string Value(string hubKey, string id) => $"{hubKey}:{id}";

    /// <summary>The key property of an object type.</summary>
    public static string Of(string objectType) => objectType switch
    {
        ObjectTypes.Companies => Company,
        ObjectTypes.Contacts => Customer,
        ObjectTypes.Products => Product,
        ObjectTypes.LineItems => Line,
        ObjectTypes.Orders or ObjectTypes.Deals => Transaction,
        _ => throw new ArgumentException($"There is no key property for {objectType}.", nameof(objectType)),
    };
}

/// <summary>An association that a record has from its creation.</summary>
/// <param name="ToObjectType">Type of the other record.</param>
/// <param name="ToId">HubSpot id of the other record.</param>
/// <param name="TypeIds">Association type ids, HubSpot's own.</param>
public sealed record AssociationTo(string ToObjectType, string ToId, IReadOnlyList<int> TypeIds);
