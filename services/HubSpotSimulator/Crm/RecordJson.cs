using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Records as HubSpot sends them: every value a string.</summary>
internal static class RecordJson
{
    private const int MostAssociations = 100;

    /// <summary>The answer to a write: what was written, the usual properties and what HubSpot computed.</summary>
    public static JsonNode Written(Portal portal, ObjectType type, PlannedWrite write, bool upsert = false) => Json.Late(json =>
    {
        var names = write.IsNew ? write.Record.Properties.Keys : type.DefaultProperties;
        json.WriteStartObject();
        json.WriteString("id", write.Record.Id);
        json.WriteStartObject("properties");
        foreach (var name in names)
        {
            if (write.Record[name] is { } value)
            {
                json.WriteString(name, value);
            }
        }

        // What was emptied is told of, too.
        foreach (var name in write.Written)
        {
            if (write.Record[name] is var value && (value is null || !names.Contains(name)))
            {
                json.WriteString(name, value ?? "");
            }
        }

        json.WriteEndObject();
        WriteStamps(json, portal, type, write.Record);
        if (upsert)
        {
            json.WriteBoolean("new", write.IsNew);
        }

        if (write.TraceId is not null)
        {
            json.WriteString("objectWriteTraceId", write.TraceId);
        }

        json.WriteEndObject();
    });

    /// <summary>What every answer says of a record, next to its properties.</summary>
    public static void WriteStamps(Utf8JsonWriter json, Portal portal, ObjectType type, CrmRecord record)
    {
        // The stamps among the properties are the same, and written already.
        json.WriteString("createdAt", record[type.CreatedProperty] ?? Json.Time(record.CreatedAt));
        json.WriteString("updatedAt", record[type.ModifiedProperty] ?? Json.Time(record.UpdatedAt));
        json.WriteBoolean("archived", record.ArchivedAt is not null);
        json.WriteString("url", $"https://app.hubspot.com/contacts/{portal.Id}/record/{type.TypeId}/{record.Id}");
        if (record.ArchivedAt is { } archivedAt)
        {
            json.WriteString("archivedAt", Json.Time(archivedAt));
        }
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
}
