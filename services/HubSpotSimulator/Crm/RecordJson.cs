using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Records as HubSpot sends them: every value a string.</summary>
internal static class RecordJson
{
    /// <summary>The answer to a write: what was written, the usual properties and what HubSpot computed.</summary>
    public static JsonObject Written(Portal portal, ObjectType type, PlannedWrite write, bool upsert = false)
    {
        var names = type.DefaultProperties.Concat(write.Written);
        names = write.IsNew ? names.Concat(write.Record.Properties.Keys) : names;
        var properties = new JsonObject();
        foreach (var name in names.Distinct().Order(StringComparer.Ordinal))
        {
            if (write.Record[name] is { } value)
            {
                properties[name] = value;
            }
            else if (write.Written.Contains(name))
            {
                properties[name] = "";
            }
        }

        var json = Shape(portal, type, write.Record, properties);
        if (upsert)
        {
            json["new"] = write.IsNew;
        }

        if (write.TraceId is not null)
        {
            json["objectWriteTraceId"] = write.TraceId;
        }

        return json;
    }

    /// <summary>Ties of a record, as a read or a list shows them. Line items are called "line items" there.</summary>
    public static JsonObject Associations(Portal portal, ObjectType type, string id, IEnumerable<ObjectType> to)
    {
        var all = new JsonObject();
        foreach (var other in to)
        {
            var ids = portal.Associations.Of(type, id, other).Keys;
            if (ids.Any())
            {
                var results = ids.Select(toId => new JsonObject
                {
                    ["id"] = toId.ToString(),
                    ["type"] = $"{type.Singular}_to_{other.Singular}",
                });
                all[other.Plural.Replace('_', ' ')] = new JsonObject { ["results"] = new JsonArray([.. results]) };
            }
        }

        return all;
    }

    public static string Url(Portal portal, ObjectType type, CrmRecord record) =>
        $"https://app.hubspot.com/contacts/{portal.Id}/record/{type.TypeId}/{record.Id}";

    private static JsonObject Shape(Portal portal, ObjectType type, CrmRecord record, JsonObject properties)
    {
        var json = new JsonObject
        {
            ["id"] = record.Id,
            ["properties"] = properties,
            ["createdAt"] = Json.Time(record.CreatedAt),
            ["updatedAt"] = Json.Time(record.UpdatedAt),
            ["archived"] = record.ArchivedAt is not null,
            ["url"] = Url(portal, type, record),
        };
        if (record.ArchivedAt is { } archivedAt)
        {
            json["archivedAt"] = Json.Time(archivedAt);
        }

        return json;
    }
}
