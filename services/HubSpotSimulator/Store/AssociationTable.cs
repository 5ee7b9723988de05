namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The ties between records, kept in both directions. Callers hold the portal's gate.</summary>
internal sealed class AssociationTable
{
    private static readonly SortedDictionary<long, SortedSet<int>> None = [];

    private readonly Dictionary<(ObjectType Type, string Id), List<(AssociationType Type, string ToId)>> _buried = [];
    private readonly Dictionary<(ObjectType From, string Id, ObjectType To), SortedDictionary<long, SortedSet<int>>> _ties = [];

    public AssociationTypes Types { get; } = new();

    /// <summary>The ids on the other side, each with the ids of its association types.</summary>
    public IReadOnlyDictionary<long, SortedSet<int>> Of(ObjectType from, string id, ObjectType to) =>
        _ties.TryGetValue((from, id, to), out var ties) ? ties : None;

    public IEnumerable<(ObjectType From, string Id, ObjectType To, long ToId, SortedSet<int> Types)> All =>
        _ties.SelectMany(t => t.Value.Select(tie => (t.Key.From, t.Key.Id, t.Key.To, tie.Key, tie.Value)));

    public IEnumerable<(ObjectType Type, string Id, IReadOnlyList<(AssociationType Type, string ToId)> Ties)> Buried =>
        _buried.Select(b => (b.Key.Type, b.Key.Id, (IReadOnlyList<(AssociationType Type, string ToId)>)b.Value));

    public void Add(string fromId, string toId, AssociationType type)
    {
        if (type.IsPrimary)
        {
            if (type.To == ObjectType.Companies)
            {
                DropPrimary(fromId, type);
            }
            else
            {
                DropPrimary(toId, Types.Find(type.InverseId)!);
            }
        }

        AddOneWay(type.From, fromId, type.To, toId, type.Id);
        AddOneWay(type.To, toId, type.From, fromId, type.InverseId);
        // A labelled tie always comes with the plain one.
        if (type.Label is not null && AssociationTypes.Plain(type.From, type.To) is { } plain)
        {
            Add(fromId, toId, plain);
        }
    }

    public void Remove(ObjectType from, string fromId, ObjectType to, string toId)
    {
        RemoveOneWay(from, fromId, to, toId);
        RemoveOneWay(to, toId, from, fromId);
    }

    /// <summary>Removing the plain tie removes all.</summary>
    public void Remove(string fromId, string toId, AssociationType type)
    {
        if (type.Label is null)
        {
            Remove(type.From, fromId, type.To, toId);
            return;
        }

        TypesOf(type.From, fromId, type.To, toId)?.Remove(type.Id);
        TypesOf(type.To, toId, type.From, fromId)?.Remove(type.InverseId);
    }

    /// <summary>A label that is deleted is on no tie any more, and in none that a restored record gets back.</summary>
    public void RemoveEverywhere(AssociationType label)
    {
        foreach (var types in _ties.Values.SelectMany(t => t.Values))
        {
            types.Remove(label.Id);
            types.Remove(label.InverseId);
        }

        foreach (var ties in _buried.Values)
        {
            ties.RemoveAll(t => t.Type.Id == label.Id || t.Type.Id == label.InverseId);
        }
    }

    /// <summary>Takes all ties of a record away and keeps them in case it is restored.</summary>
    public void Bury(ObjectType type, string id)
    {
        var ties = TiesOf(type, id);
        RemoveAll(type, id);
        if (ties.Count > 0)
        {
            _buried[(type, id)] = ties;
        }
    }

    public void Bury(ObjectType type, string id, IEnumerable<(AssociationType Type, string ToId)> ties) => _buried[(type, id)] = [.. ties];

    /// <summary>Of a record that is gone for good.</summary>
    public void Erase(ObjectType type, string id)
    {
        RemoveAll(type, id);
        _buried.Remove((type, id));
    }

    public void Unbury(ObjectType type, string id, Func<ObjectType, string, bool> isThere)
    {
        if (_buried.Remove((type, id), out var ties))
        {
            foreach (var (tie, toId) in ties.Where(t => isThere(t.Type.To, t.ToId)))
            {
                Add(id, toId, tie);
            }
        }
    }

    /// <summary>All ties of both become the survivor's; where only one may be primary, it is that of the primary record.</summary>
    public void Merge(ObjectType type, string primaryId, string otherId, string survivorId)
    {
        List<(AssociationType Type, string ToId)> ties = [.. TiesOf(type, otherId), .. TiesOf(type, primaryId)];
        RemoveAll(type, primaryId);
        RemoveAll(type, otherId);
        foreach (var (tie, toId) in ties.Where(t => t.Type.To != type || (t.ToId != primaryId && t.ToId != otherId)))
        {
            Add(survivorId, toId, tie);
        }
    }

    private List<(AssociationType Type, string ToId)> TiesOf(ObjectType type, string id) => [.. ObjectType.All
        .SelectMany(other => Of(type, id, other))
        .SelectMany(tie => tie.Value.Select(typeId => (Types.Find(typeId)!, tie.Key.ToString())))];

    private void RemoveAll(ObjectType type, string id)
    {
        foreach (var other in ObjectType.All)
        {
            foreach (var otherId in Of(type, id, other).Keys.ToList())
            {
                Remove(type, id, other, otherId.ToString());
            }
        }
    }

    /// <summary>A contact, deal or order has one primary company. Seen from the company there may be many.</summary>
    private void DropPrimary(string fromId, AssociationType type)
    {
        foreach (var (otherId, types) in Of(type.From, fromId, type.To))
        {
            if (types.Remove(type.Id))
            {
                TypesOf(type.To, otherId.ToString(), type.From, fromId)?.Remove(type.InverseId);
            }
        }
    }

    private SortedSet<int>? TypesOf(ObjectType from, string fromId, ObjectType to, string toId) =>
        _ties.TryGetValue((from, fromId, to), out var ties) ? ties.GetValueOrDefault(long.Parse(toId)) : null;

    private void AddOneWay(ObjectType from, string fromId, ObjectType to, string toId, int typeId)
    {
        if (!_ties.TryGetValue((from, fromId, to), out var ties))
        {
            _ties[(from, fromId, to)] = ties = [];
        }

        if (!ties.TryGetValue(long.Parse(toId), out var types))
        {
            ties[long.Parse(toId)] = types = [];
        }

        types.Add(typeId);
    }

    private void RemoveOneWay(ObjectType from, string fromId, ObjectType to, string toId)
    {
        if (_ties.TryGetValue((from, fromId, to), out var ties) && ties.Remove(long.Parse(toId)) && ties.Count == 0)
        {
            _ties.Remove((from, fromId, to));
        }
    }
}
