using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Where archived records lie until somebody restores them; the API can only put them there.</summary>
internal static class RecordBin
{
    /// <summary>Archives a record with its ties; line items go with their order or deal. An unknown id is no error.</summary>
    public static void Archive(ApiCall call, ObjectType type, string id)
    {
        var portal = call.Portal;
        if (portal.Table(type).Archive(id, call.Now, portal.Switches.ArchivedKeepUniqueValues) is not { } record)
        {
            return;
        }

        var lines = type == ObjectType.Orders || type == ObjectType.Deals
            ? portal.Associations.Of(type, id, ObjectType.LineItems).Keys.ToList()
            : [];
        portal.Associations.Bury(type, record.Id);
        call.Store.Touch();
        call.Happened(new("deletion", type, record.Id) { More = new JsonObject { ["changeFlag"] = "DELETED" } });
        foreach (var line in lines)
        {
            Archive(call, ObjectType.LineItems, line.ToString());
        }
    }

    /// <summary>Takes a record out again, with its ties to records that are still there; its line items stay in the bin.</summary>
    public static Answer Restore(ApiCall call)
    {
        var type = call.Type;
        var portal = call.Portal;
        lock (portal.Gate)
        {
            var table = portal.Table(type);
            var archived = table.FindArchived(call.Route("id")) ?? throw Refusal.NotFound();
            PrivacyDeleteEndpoint.RequireUnblocked(call, type, RecordTable.KeyValues(archived, "email"));
            foreach (var (property, value, owner) in table.Taken(archived))
            {
                throw Refusal.Of(409, "CONFLICT", $"{property} {value} belongs to {owner} by now.");
            }

            var record = table.Restore(archived.Id, call.Now)!;
            portal.Associations.Unbury(type, record.Id, (other, id) => portal.Table(other).Find(id) is not null);
            call.Store.Touch();
            call.Happened(new("restore", type, record.Id) { More = new JsonObject { ["changeFlag"] = "RESTORED" } });
            return Answer.Ok(new RecordReader(portal, type, null).Read(record));
        }
    }
}
