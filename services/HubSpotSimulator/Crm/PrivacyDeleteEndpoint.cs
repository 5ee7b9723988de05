using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Deletes a contact for good, as the law may ask for: it is in no recycle bin and does not come back.</summary>
internal static class PrivacyDeleteEndpoint
{
    public static void MapPrivacyDelete(this IEndpointRouteBuilder routes) =>
        routes.MapCall("POST", "/crm/objects/{ver}/contacts/gdpr-delete", new("contacts.gdpr-delete"), Delete);

    /// <summary>An address on the blocklist does not come back by hand; by API it does, unless the account has it otherwise.</summary>
    public static void RequireUnblocked(ApiCall call, ObjectType type, IReadOnlyDictionary<string, string> given, CrmRecord? existing)
    {
        if (given.GetValueOrDefault("email") is { Length: > 0 } email && email != existing?["email"])
        {
            RequireUnblocked(call, type, [email]);
        }
    }

    public static void RequireUnblocked(ApiCall call, ObjectType type, IEnumerable<string> emails)
    {
        if (type == ObjectType.Contacts && (call.IsByPerson || call.Portal.Switches.BlocklistHoldsForApi)
            && emails.FirstOrDefault(call.Portal.Blocklist.Contains) is { } email)
        {
            throw Refusal.Validation($"The contact with the email address {email} was permanently deleted, and cannot be added again.");
        }
    }

    /// <summary>By id, or by <c>"idProperty":"email"</c>. Who is not there is as good as deleted, and an address goes on the blocklist.</summary>
    private static Answer Delete(ApiCall call)
    {
        var type = ObjectType.Contacts;
        Scopes.Require(call, type, "write");
        var asked = call.Body.Text("objectId") is { Length: > 0 } given
            ? given
            : throw Refusal.Validation("Invalid input JSON: some required fields were not set: [objectId]");
        lock (call.Portal.Gate)
        {
            var table = call.Portal.Table(type);
            var key = call.Body.Text("idProperty") ?? "hs_object_id";
            if (key != "hs_object_id")
            {
                RecordKeys.RequireUnique(call.Portal, type, key, "delete");
            }

            var id = (key == "hs_object_id" ? table.FindOrSurvivor(asked)?.Id ?? asked : table.Owner(key, asked)) ?? "";
            var record = table.Find(id) ?? table.FindArchived(id);
            call.Portal.Blocklist.UnionWith(record is not null
                ? RecordTable.KeyValues(record, "email")
                : key == "email" ? [RecordTable.Normalize(key, asked)] : []);
            call.Store.Touch();
            if (table.Erase(id, call.Now))
            {
                call.Portal.Associations.Erase(type, id);
                call.Happened(new("privacyDeletion", type, id) { More = new JsonObject { ["changeFlag"] = "DELETED" } });
            }
        }

        return Answer.NoContent();
    }
}
