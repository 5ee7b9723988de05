namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary><c>Label</c> is null for the plain tie that every pair has.</summary>
internal sealed record AssociationType(ObjectType From, ObjectType To, int Id, int InverseId, string? Label = null);

/// <summary>HubSpot's own association types between the six object types.</summary>
internal static class AssociationTypes
{
    private static readonly IReadOnlyList<AssociationType> All =
    [
        .. Pair(ObjectType.Contacts, ObjectType.Companies, 279, 280),
        .. Pair(ObjectType.Contacts, ObjectType.Companies, 1, 2, "Primary"),
        .. Pair(ObjectType.Contacts, ObjectType.Companies, 931, 930, "Billing contact"),
        .. Pair(ObjectType.Contacts, ObjectType.Deals, 4, 3),
        .. Pair(ObjectType.Contacts, ObjectType.Orders, 508, 507),
        .. Pair(ObjectType.Companies, ObjectType.Deals, 342, 341),
        .. Pair(ObjectType.Companies, ObjectType.Deals, 6, 5, "Primary"),
        .. Pair(ObjectType.Companies, ObjectType.Orders, 935, 934),
        .. Pair(ObjectType.Companies, ObjectType.Orders, 510, 509, "Primary"),
        .. Pair(ObjectType.Deals, ObjectType.Orders, 511, 512),
        .. Pair(ObjectType.Deals, ObjectType.LineItems, 19, 20),
        .. Pair(ObjectType.Orders, ObjectType.LineItems, 513, 514),
        new(ObjectType.Contacts, ObjectType.Contacts, 449, 449),
        new(ObjectType.Companies, ObjectType.Companies, 450, 450),
        new(ObjectType.Companies, ObjectType.Companies, 13, 14, "Child Company"),
        new(ObjectType.Companies, ObjectType.Companies, 14, 13, "Parent Company"),
        new(ObjectType.Deals, ObjectType.Deals, 451, 451),
    ];

    private static readonly Dictionary<int, AssociationType> ById = All.ToDictionary(t => t.Id);

    private static readonly ILookup<(ObjectType, ObjectType), AssociationType> ByPair = All.ToLookup(t => (t.From, t.To));

    public static AssociationType? Find(int id) => ById.GetValueOrDefault(id);

    public static IEnumerable<AssociationType> Between(ObjectType from, ObjectType to) => ByPair[(from, to)];

    public static AssociationType? Plain(ObjectType from, ObjectType to) => Between(from, to).FirstOrDefault(t => t.Label is null);

    private static AssociationType[] Pair(ObjectType one, ObjectType other, int there, int back, string? label = null) =>
        [new(one, other, there, back, label), new(other, one, back, there, label)];
}
