using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Ids of records are numbers, as recorded answers show them, or strings, as the official files say.</summary>
internal static class AssociationJson
{
    public static JsonObject Tie(Portal portal, long toId, IEnumerable<int> types) => new()
    {
        ["toObjectId"] = Id(portal, toId),
        ["associationTypes"] = new JsonArray([.. types.Select(id => portal.Associations.Types.Find(id)!).Select(type => new JsonObject
        {
            ["category"] = type.Category,
            ["typeId"] = type.Id,
            ["label"] = type.Label,
        })]),
    };

    public static JsonObject Created(
        Portal portal, ObjectType from, string id, ObjectType to, string toId, IEnumerable<AssociationType> types) => new()
    {
        ["fromObjectTypeId"] = from.TypeId,
        ["fromObjectId"] = Id(portal, long.Parse(id)),
        ["toObjectTypeId"] = to.TypeId,
        ["toObjectId"] = Id(portal, long.Parse(toId)),
        ["labels"] = new JsonArray([.. types.Where(t => t.Label is not null).Select(t => JsonValue.Create(t.Label))]),
    };

    public static IEnumerable<JsonNode> BothWays(AssociationType type, string id, string toId) =>
        [OneWay(id, toId, type.Id), OneWay(toId, id, type.InverseId)];

    private static JsonValue Id(Portal portal, long id) =>
        portal.Switches.AssociationIds == AssociationId.Numbers ? JsonValue.Create(id) : JsonValue.Create(id.ToString());

    private static JsonObject OneWay(string from, string to, int typeId) => new()
    {
        ["from"] = new JsonObject { ["id"] = from },
        ["to"] = new JsonObject { ["id"] = to },
        ["associationSpec"] = new JsonObject { ["associationCategory"] = "HUBSPOT_DEFINED", ["associationTypeId"] = typeId },
    };
}
