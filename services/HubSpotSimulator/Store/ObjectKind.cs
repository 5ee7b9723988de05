namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>An object type by all its names.</summary>
internal sealed record ObjectKind(string Name, string Singular, string TypeId, string Legacy, string[] Defaults, string[] Required)
{
    public static readonly ObjectKind[] All =
    [
        new("contacts", "contact", "0-1", "CONTACT", ["createdate", "email", "firstname", "lastname", "hs_object_id", "lastmodifieddate"], []),
        new("companies", "company", "0-2", "COMPANY", ["name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"], ["name|domain"]),
        new("deals", "deal", "0-3", "DEAL",
            ["dealname", "amount", "closedate", "pipeline", "dealstage", "createdate", "hs_lastmodifieddate", "hs_object_id"],
            ["dealname", "dealstage", "pipeline"]),
        new("products", "product", "0-7", "PRODUCT", ["name", "description", "price", "createdate", "hs_lastmodifieddate", "hs_object_id"], ["name"]),
        new("line_items", "line_item", "0-8", "LINE_ITEM", ["quantity", "amount", "price", "createdate", "hs_lastmodifieddate", "hs_object_id"], []),
        new("orders", "order", "0-123", "ORDER", ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"], ["hs_order_name"]),
    ];

    /// <summary>Property that holds the time of the last change.</summary>
    public string Modified => Name == "contacts" ? "lastmodifieddate" : "hs_lastmodifieddate";

    public string Created => Name == "orders" ? "hs_createdate" : "createdate";

    public static ObjectKind? Of(string name) => Array.Find(All, t => t.Name == name || t.Singular == name || t.TypeId == name);
}

/// <summary>HubSpot's own association types between the simulated objects.</summary>
internal static class AssociationKind
{
    private static readonly (string From, string To, int Type, int Inverse)[] All =
    [
        ("contacts", "companies", 279, 280), ("contacts", "companies", 1, 2),
        ("contacts", "deals", 4, 3), ("contacts", "orders", 508, 507),
        ("companies", "deals", 342, 341), ("companies", "deals", 6, 5),
        ("companies", "orders", 935, 934), ("companies", "orders", 510, 509),
        ("deals", "orders", 511, 512), ("deals", "line_items", 19, 20), ("orders", "line_items", 513, 514),
    ];

    private static readonly int[] Primary = [1, 2, 5, 6, 509, 510];

    public static bool Exists(string from, string to, int type) =>
        All.Any(a => (a.From == from && a.To == to && a.Type == type) || (a.From == to && a.To == from && a.Inverse == type));

    public static string? TargetOf(string from, int type) =>
        All.Where(a => a.From == from && a.Type == type).Select(a => a.To)
            .Concat(All.Where(a => a.To == from && a.Inverse == type).Select(a => a.From)).FirstOrDefault();

    public static int Inverse(int type) => All.Where(a => a.Type == type).Select(a => a.Inverse)
        .Concat(All.Where(a => a.Inverse == type).Select(a => a.Type)).FirstOrDefault();

    public static int Default(string from, string to) =>
        All.Where(a => a.From == from && a.To == to).Select(a => a.Type)
            .Concat(All.Where(a => a.From == to && a.To == from).Select(a => a.Inverse)).FirstOrDefault(t => !Primary.Contains(t));

    /// <summary>A primary association always comes with the unlabelled one.</summary>
    public static IEnumerable<int> WithUnlabelled(string from, string to, IEnumerable<int> types)
    {
        var list = types.ToList();
        return list.Exists(t => Primary.Contains(t)) ? list.Append(Default(from, to)).Distinct() : list;
    }

    public static string? Label(int type) => Primary.Contains(type) ? "Primary" : null;
}
