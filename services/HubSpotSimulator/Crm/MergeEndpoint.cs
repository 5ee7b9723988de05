using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Two records become one, usually under a new id; the old ids go on leading to it.</summary>
internal static class MergeEndpoint
{
    private const int MostIdentities = 250;

    private static readonly ObjectType[] Mergeable = [ObjectType.Contacts, ObjectType.Companies, ObjectType.Deals, ObjectType.Orders];

    public static void MapMerge(this IEndpointRouteBuilder routes, string path) =>
        routes.MapCall("POST", path + "/merge", new("{type}.merge"), Merge);

    public static Answer Merge(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "write");
        if (!Mergeable.Contains(type))
        {
            throw Refusal.Validation($"Merging is not supported for {type.LegacyName}");
        }

        lock (call.Portal.Gate)
        {
            var table = call.Portal.Table(type);
            var primary = Known(table, call.Body.Text("primaryObjectId"));
            var other = Known(table, call.Body.Text("objectIdToMerge"));
            if (primary.Id == other.Id)
            {
                throw Refusal.Validation($"Cannot merge {type.LegacyName} {primary.Id} with itself");
            }

            var survivor = Survivor(call, type, primary, other);
            table.Merge(primary, other, survivor, call.Now);
            call.Portal.Associations.Merge(type, primary.Id, other.Id, survivor.Id);
            call.Store.Touch();
            Tell(call, type, primary, other, survivor);
            return Answer.Ok(new RecordReader(call.Portal, type, [.. type.DefaultProperties, "hs_merged_object_ids"]).Read(survivor));
        }
    }

    /// <summary>Of the record that disappears there is a deletion, of the survivor no change of a property.</summary>
    private static void Tell(ApiCall call, ObjectType type, CrmRecord primary, CrmRecord other, CrmRecord survivor)
    {
        call.Happened(new("merge", type, survivor.Id)
        {
            More = new JsonObject
            {
                ["primaryObjectId"] = long.Parse(primary.Id),
                ["mergedObjectIds"] = new JsonArray(long.Parse(other.Id)),
                ["newObjectId"] = long.Parse(survivor.Id),
                ["numberOfPropertiesMoved"] = other.Properties.Keys.Except(primary.Properties.Keys).Count(),
            },
        });
        call.Happened(new("deletion", type, other.Id) { More = new JsonObject { ["changeFlag"] = "DELETED" } });
    }

    /// <summary>The primary record's values, and those of the other where it has none.</summary>
    private static CrmRecord Survivor(ApiCall call, ObjectType type, CrmRecord primary, CrmRecord other)
    {
        var id = call.Portal.Switches.MergeKeepsPrimaryId ? primary.Id : call.Store.NextId();
        var values = new Dictionary<string, string>(primary.Properties, StringComparer.Ordinal);
        foreach (var (name, value) in other.Properties)
        {
            values.TryAdd(name, value);
        }

        string[] oldIds = [.. Listed(primary, "hs_merged_object_ids"), .. Listed(other, "hs_merged_object_ids"), primary.Id, other.Id];
        if (oldIds.Where(old => old != id).Distinct().Count() > MostIdentities)
        {
            throw Refusal.Of(414, "VALIDATION_ERROR", $"A merge leaves a record with at most {MostIdentities} identities");
        }

        values["hs_object_id"] = id;
        values["hs_merged_object_ids"] = string.Join(';', oldIds.Where(old => old != id).Distinct());
        values[type.ModifiedProperty] = Json.Time(call.Now);
        if (type == ObjectType.Contacts)
        {
            values["hs_calculated_merged_vids"] = string.Join(
                ';', oldIds.Where(old => old != id).Distinct().Select(old => $"{old}:{call.Now.ToUnixTimeMilliseconds()}"));
            KeepEmails(values, primary, other);
        }

        var createdAt = primary.CreatedAt < other.CreatedAt ? primary.CreatedAt : other.CreatedAt;
        values[type.CreatedProperty] = Json.Time(createdAt);
        // The survivor's history is the primary record's, with the merge as its last change.
        var names = values.Keys.Except([type.CreatedProperty, type.ModifiedProperty, "hs_object_id"]);
        var history = primary.HistoryWith(values, names, call.Now, call.IsByPerson);
        return primary with { Id = id, Properties = values, History = history, CreatedAt = createdAt, UpdatedAt = call.Now };
    }

    private static void KeepEmails(Dictionary<string, string> values, CrmRecord primary, CrmRecord other)
    {
        var more = Listed(primary, "hs_additional_emails")
            .Concat(Listed(other, "email"))
            .Concat(Listed(other, "hs_additional_emails"))
            .Where(email => email != values.GetValueOrDefault("email"))
            .Distinct()
            .ToList();
        if (more.Count > 0)
        {
            values["hs_additional_emails"] = string.Join(';', more);
        }
    }

    private static string[] Listed(CrmRecord record, string property) => record[property]?.Split(';') ?? [];

    private static CrmRecord Known(RecordTable table, string? id) => table.FindOrSurvivor(id ?? "") ?? throw Refusal.NotFound();
}
