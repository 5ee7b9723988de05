using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class RecordBin
{
    /// <summary>Archives a record with its ties; line items go with their order or deal. An unknown id is no error.</summary>
    public static void Archive(ApiCall call, ObjectType type, string id)
    {
        var portal = call.Portal;
        if (portal.Table(type).Archive(id, call.Now) is null)
        {
            return;
        }

        var lines = type == ObjectType.Orders || type == ObjectType.Deals
            ? portal.Associations.Of(type, id, ObjectType.LineItems).Keys.ToList()
            : [];
        portal.Associations.RemoveAll(type, id);
        call.Store.Touch();
        foreach (var line in lines)
        {
            Archive(call, ObjectType.LineItems, line.ToString());
        }
    }
}
