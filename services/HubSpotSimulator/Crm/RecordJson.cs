using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Records as HubSpot sends them: every value a string.</summary>
internal static class RecordJson
{
    private const int MostAssociations = 100;

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

    /// <summary>Ties of a record, as a read or a list shows them: a hundred of each type, and where the others are.</summary>
    public static JsonObject Associations(ApiCall call, ObjectType type, string id, IEnumerable<ObjectType> to)
    {
        var all = new JsonObject();
        foreach (var other in to)
        {
            var ids = call.Portal.Associations.Of(type, id, other).Keys.Take(MostAssociations + 1).ToList();
            if (ids.Count > 0)
            {
                var results = ids.Take(MostAssociations).Select(toId => new JsonObject
                {
                    ["id"] = toId.ToString(),
                    ["type"] = $"{type.Singular}_to_{other.Singular}",
                });
                var path = $"/crm/objects/{call.Version}/{type.Plural}/{id}/associations/{other.Plural}";
                // Line items are called "line items" here.
                all[other.Plural.Replace('_', ' ')] =
                    Paging.Page(call, results, ids.Count > MostAssociations ? ids[MostAssociations].ToString() : null, path);
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
