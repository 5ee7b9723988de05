using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Which ties HubSpot allows.</summary>
internal static class AssociationRules
{
    private static readonly ObjectType[] LineParents = [ObjectType.Orders, ObjectType.Deals];

    /// <summary>The type that a spec names, if it leads from one object type to the other.</summary>
    public static AssociationType Named(Portal portal, JsonObject spec, ObjectType from, ObjectType? to)
    {
        var id = spec.Number("associationTypeId");
        var type = id is { } known ? portal.Associations.Types.Find(known) : null;
        if (type is null || (spec.Text("associationCategory") ?? "HUBSPOT_DEFINED") != type.Category)
        {
            throw Invalid($"association type {id} doesn't exist");
        }

        if (type.From != from)
        {
            throw Invalid($"invalid from object type {from.TypeId} for association type {id}");
        }

        return to is null || type.To == to ? type : throw Invalid($"invalid to object type {to.TypeId} for association type {id}");
    }

    public static AssociationType Plain(ObjectType from, ObjectType to) => AssociationTypes.Plain(from, to)
        ?? throw Invalid($"{from.LegacyName} cannot be associated with {to.LegacyName}");

    /// <summary>Both records must exist, differ and have room, and a line item keeps its one parent.</summary>
    public static void Check(Portal portal, AssociationType type, string fromId, string toId)
    {
        CheckExists(portal, type.From, fromId);
        CheckExists(portal, type.To, toId);
        if (type.From == type.To && fromId == toId)
        {
            throw Refusal.Validation($"Object {fromId} cannot be associated to itself ({toId})");
        }

        if (type.From == ObjectType.LineItems)
        {
            CheckFree(portal, fromId, type.To, toId);
        }
        else if (type.To == ObjectType.LineItems)
        {
            CheckFree(portal, toId, type.From, fromId);
        }

        CheckRoom(portal, type, fromId, toId, []);
        CheckRoom(portal, portal.Associations.Types.Find(type.InverseId)!, toId, fromId, []);
    }

    /// <summary>
    /// A contact has so many companies and deals, each of those so many contacts, and a company one billing contact.
    /// <paramref name="planned"/> are ties of the same request.
    /// </summary>
    public static void CheckRoom(
        Portal portal, AssociationType type, string fromId, string toId, IReadOnlyList<(AssociationType Type, string FromId, string ToId)> planned)
    {
        var ties = portal.Associations.Of(type.From, fromId, type.To);
        var others = planned.Where(p => p.FromId == fromId && p.ToId != toId && p.Type.From == type.From && p.Type.To == type.To);
        var most = portal.Switches.MostAssociations;
        if (IsLimited(type) && ties.Count + planned.Count >= most && !ties.ContainsKey(long.Parse(toId))
            && ties.Count + others.Select(o => o.ToId).Distinct().Count() >= most)
        {
            throw Full(type, fromId, most);
        }

        if (type.IsBillingContact && type.From == ObjectType.Companies
            && (others.Any(o => o.Type == type) || ties.Any(t => t.Value.Contains(type.Id) && t.Key.ToString() != toId)))
        {
            throw Full(type, fromId, 1);
        }
    }

    public static void CheckIsId(string id)
    {
        if (!long.TryParse(id, out _))
        {
            throw Refusal.Validation(
                $"{id} is not a valid ID", "crm.associations.INVALID_IDENTIFIER", new JsonObject { ["id"] = new JsonArray(id) });
        }
    }

    public static void CheckExists(Portal portal, ObjectType type, string id)
    {
        CheckIsId(id);
        if (portal.Table(type).Find(id) is null)
        {
            throw Refusal.Validation(
                $"{type.LegacyName}={id} is not valid",
                "crm.associations.INVALID_OBJECT_IDS",
                new JsonObject { ["id"] = new JsonArray(id), [type.LegacyName] = new JsonArray(id) });
        }
    }

    public static void CheckFree(Portal portal, string lineId, ObjectType parent, string parentId)
    {
        foreach (var other in LineParents)
        {
            var taken = portal.Associations.Of(ObjectType.LineItems, lineId, other).Keys
                .FirstOrDefault(id => other != parent || id.ToString() != parentId);
            if (taken != 0)
            {
                throw Refusal.Validation(
                    $"LINE_ITEM {lineId} belongs to {other.LegacyName} {taken} and cannot be associated with "
                    + $"{parent.LegacyName} {parentId}");
            }
        }
    }

    private static bool IsLimited(AssociationType type) =>
        (type.From == ObjectType.Contacts && (type.To == ObjectType.Companies || type.To == ObjectType.Deals))
        || (type.To == ObjectType.Contacts && (type.From == ObjectType.Companies || type.From == ObjectType.Deals));

    private static Refusal Full(AssociationType type, string fromId, int most) => Refusal.Validation(
        $"{type.From.LegacyName} {fromId} has the most associations of type {type.Id} with {type.To.LegacyName} that it can have: {most}",
        "crm.associations.ASSOCIATION_LIMIT_EXCEEDED",
        new JsonObject { ["id"] = new JsonArray(fromId), ["limit"] = new JsonArray(most.ToString()) });

    private static Refusal Invalid(string detail) => Refusal.Validation(
        "One or more associations are invalid", [new JsonObject { ["message"] = detail, ["code"] = "INVALID_ASSOCIATION" }]);
}
