namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>One of the six object types, with what differs from type to type.</summary>
public sealed record ObjectType(string Plural, string Singular, string TypeId)
{
    public static readonly ObjectType Contacts = new("contacts", "contact", "0-1")
    {
        ModifiedProperty = "lastmodifieddate",
        DefaultProperties = ["createdate", "email", "firstname", "lastname", "hs_object_id", "lastmodifieddate"],
        QueryProperties = ["firstname", "lastname", "email", "phone", "company"],
        Keys = ["email"],
    };

    public static readonly ObjectType Companies = new("companies", "company", "0-2")
    {
        DefaultProperties = ["name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"],
        QueryProperties = ["name", "domain", "website", "phone"],
    };

    public static readonly ObjectType Deals = new("deals", "deal", "0-3")
    {
        DefaultProperties =
            ["dealname", "amount", "closedate", "pipeline", "dealstage", "createdate", "hs_lastmodifieddate", "hs_object_id"],
        QueryProperties = ["dealname", "description", "dealtype"],
        Required = ["dealname", "dealstage", "pipeline"],
        PipelineProperty = "pipeline",
        StageProperty = "dealstage",
    };

    public static readonly ObjectType Products = new("products", "product", "0-7")
    {
        DefaultProperties = ["name", "description", "price", "createdate", "hs_lastmodifieddate", "hs_object_id"],
        QueryProperties = ["name", "description", "price", "hs_sku"],
        Required = ["name"],
        Keys = ["hs_sku"],
    };

    public static readonly ObjectType LineItems = new("line_items", "line_item", "0-8")
    {
        DefaultProperties = ["quantity", "amount", "price", "createdate", "hs_lastmodifieddate", "hs_object_id"],
        QueryProperties = ["name", "hs_sku"],
    };

    public static readonly ObjectType Orders = new("orders", "order", "0-123")
    {
        CreatedProperty = "hs_createdate",
        DefaultProperties = ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
        QueryProperties = ["hs_order_name", "hs_external_order_id"],
        Required = ["hs_order_name"],
        PipelineProperty = "hs_pipeline",
        StageProperty = "hs_pipeline_stage",
    };

    public static readonly IReadOnlyList<ObjectType> All = [Contacts, Companies, Deals, Products, LineItems, Orders];

    private static readonly Dictionary<string, ObjectType> ByName = All
        .SelectMany(t => new[] { t.Plural, t.Singular, t.TypeId }.Select(name => (name, t)))
        .ToDictionary(x => x.name, x => x.t, StringComparer.OrdinalIgnoreCase);

    public string CreatedProperty { get; private init; } = "createdate";

    public string ModifiedProperty { get; private init; } = "hs_lastmodifieddate";

    public IReadOnlyList<string> DefaultProperties { get; private init; } = [];

    /// <summary>Where a search with <c>query</c> looks.</summary>
    public IReadOnlyList<string> QueryProperties { get; private init; } = [];

    public IReadOnlyList<string> Required { get; private init; } = [];

    /// <summary>HubSpot's own unique properties, next to those made with hasUniqueValue.</summary>
    public IReadOnlyList<string> Keys { get; private init; } = [];

    public string? PipelineProperty { get; private init; }

    public string? StageProperty { get; private init; }

    /// <summary>The name in error texts.</summary>
    public string LegacyName => Singular.ToUpperInvariant();

    public static ObjectType? Find(string name) => ByName.GetValueOrDefault(name);

    public bool Equals(ObjectType? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(TypeId);

    public override string ToString() => Plural;
}
