using System.Collections.Concurrent;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary><c>Label</c> is null for the plain tie that every pair has.</summary>
internal sealed record AssociationType(ObjectType From, ObjectType To, int Id, int InverseId, string? Label = null)
{
    /// <summary>A label that somebody made in this account.</summary>
    public bool IsOwn { get; init; }

    public string Category => IsOwn ? "USER_DEFINED" : "HUBSPOT_DEFINED";

    public bool IsPrimary => Label == "Primary" && !IsOwn;

    public bool IsBillingContact => Label == "Billing contact" && !IsOwn;
}

/// <summary>HubSpot's own association types between the six object types, and the account's labels.</summary>
internal sealed class AssociationTypes
{
    public const int MostLabels = 10;

    // Far from HubSpot's own, so that a number alone says which type it is.
    private const int FirstLabel = 1001;

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

    private readonly ConcurrentDictionary<int, AssociationType> _labels = [];

    public IEnumerable<AssociationType> Labels => _labels.Values.OrderBy(t => t.Id);

    public AssociationType? Find(int id) => ById.GetValueOrDefault(id) ?? _labels.GetValueOrDefault(id);

    public IEnumerable<AssociationType> Between(ObjectType from, ObjectType to) =>
        ByPair[(from, to)].Concat(Labels.Where(t => t.From == from && t.To == to));

    public static AssociationType? Plain(ObjectType from, ObjectType to) => ByPair[(from, to)].FirstOrDefault(t => t.Label is null);

    /// <summary>Makes a label, for both directions; between records of one type it may read the same from either side.</summary>
    public AssociationType[] AddLabel(ObjectType from, ObjectType to, string label, string? inverseLabel)
    {
        var id = _labels.Keys.DefaultIfEmpty(FirstLabel - 1).Max() + 1;
        AssociationType[] made = from == to && inverseLabel is null
            ? [new(from, to, id, id, label) { IsOwn = true }]
            :
            [
                new(from, to, id, id + 1, label) { IsOwn = true },
                new(to, from, id + 1, id, inverseLabel ?? label) { IsOwn = true },
            ];
        foreach (var type in made)
        {
            PutLabel(type);
        }

        return made;
    }

    public void PutLabel(AssociationType label) => _labels[label.Id] = label;

    public void RemoveLabel(AssociationType label)
    {
        _labels.TryRemove(label.Id, out _);
        _labels.TryRemove(label.InverseId, out _);
    }

    private static AssociationType[] Pair(ObjectType one, ObjectType other, int there, int back, string? label = null) =>
        [new(one, other, there, back, label), new(other, one, back, there, label)];
}
