using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Changes ties and tells of them, in both directions, as HubSpot does. Under the portal's gate.</summary>
internal static class Ties
{
    public static void Tie(ApiCall call, AssociationType type, string fromId, string toId) =>
        Change(call, type.From, fromId, type.To, toId, ties => ties.Add(fromId, toId, type));

    public static void Untie(ApiCall call, AssociationType type, string fromId, string toId) =>
        Change(call, type.From, fromId, type.To, toId, ties => ties.Remove(fromId, toId, type));

    public static void Untie(ApiCall call, ObjectType from, string fromId, ObjectType to, string toId) =>
        Change(call, from, fromId, to, toId, ties => ties.Remove(from, fromId, to, toId));

    /// <summary>These types and no others.</summary>
    public static void Replace(
        ApiCall call, ObjectType from, string fromId, ObjectType to, string toId, IReadOnlyList<AssociationType> types) =>
        Change(call, from, fromId, to, toId, ties =>
        {
            ties.Remove(from, fromId, to, toId);
            foreach (var type in types)
            {
                ties.Add(fromId, toId, type);
            }
        });

    private static void Change(ApiCall call, ObjectType from, string fromId, ObjectType to, string toId, Action<AssociationTable> change)
    {
        var ties = call.Portal.Associations;
        if (!call.IsListenedTo)
        {
            change(ties);
            return;
        }

        var before = Types(ties, from, fromId, to, toId);
        change(ties);
        var after = Types(ties, from, fromId, to, toId);
        Tell(call, after.Except(before), fromId, toId, removed: false);
        Tell(call, before.Except(after), fromId, toId, removed: true);
    }

    private static int[] Types(AssociationTable ties, ObjectType from, string fromId, ObjectType to, string toId) =>
        ties.Of(from, fromId, to).TryGetValue(long.Parse(toId), out var types) ? [.. types] : [];

    private static void Tell(ApiCall call, IEnumerable<int> typeIds, string fromId, string toId, bool removed)
    {
        foreach (var type in typeIds.Select(id => call.Portal.Associations.Types.Find(id)!))
        {
            Tell(call, type, fromId, toId, removed);
            Tell(call, call.Portal.Associations.Types.Find(type.InverseId)!, toId, fromId, removed);
        }
    }

    private static void Tell(ApiCall call, AssociationType type, string fromId, string toId, bool removed) =>
        call.Happened(new("associationChange", type.From, fromId)
        {
            More = new JsonObject
            {
                ["associationType"] = $"{type.From.LegacyName}_TO_{type.To.LegacyName}",
                ["associationTypeId"] = type.Id,
                ["fromObjectId"] = long.Parse(fromId),
                ["toObjectId"] = long.Parse(toId),
                ["associationRemoved"] = removed,
                ["isPrimaryAssociation"] = type.IsPrimary,
            },
        });
}
