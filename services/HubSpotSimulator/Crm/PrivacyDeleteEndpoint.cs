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

    /// <summary>By id, or by <c>"idProperty":"email"</c>. Who is not there is as good as deleted.</summary>
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
            if (table.Erase(id, call.Now))
            {
                call.Portal.Associations.Erase(type, id);
                call.Store.Touch();
                call.Happened(new("privacyDeletion", type, id) { More = new JsonObject { ["changeFlag"] = "DELETED" } });
            }
        }

        return Answer.NoContent();
    }
}
