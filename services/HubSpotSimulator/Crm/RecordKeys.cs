using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class RecordKeys
{
    public static CrmRecord ById(RecordTable table, string id) => long.TryParse(id, out _)
        ? table.FindOrSurvivor(id) ?? throw Refusal.NotFound()
        : throw Refusal.Of(
            404,
            "OBJECT_NOT_FOUND",
            "Object not found.  objectId are usually numeric.",
            context: new JsonObject { ["id"] = new JsonArray(id) });

    public static void RequireUnique(Portal portal, ObjectType type, string property, string what)
    {
        if (!portal.Table(type).IsKey(property) || (property == "hs_sku" && portal.Switches.SkuIsNoKey))
        {
            throw Refusal.Validation($"Unable to perform {what} by non-unique {type.TypeId} property {property}");
        }
    }

    /// <summary>The same record twice is refused for the whole request, with trace ids too.</summary>
    public static void RequireDistinct(IEnumerable<string> ids)
    {
        var seen = new HashSet<string>();
        var twice = ids.Where(id => !seen.Add(id)).Distinct().ToList();
        if (twice.Count > 0)
        {
            throw Refusal.Validation(
                $"Duplicate IDs found in batch input: [{string.Join(", ", twice)}]. IDs must be unique",
                context: new JsonObject { ["ids"] = Json.Strings(twice) });
        }
    }
}
