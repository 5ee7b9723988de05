using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Crm;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>What people do in HubSpot's own pages while an integration runs. Bodies are those of the API.</summary>
internal static class PeoplesChanges
{
    public static void MapPeoplesChanges(this IEndpointRouteBuilder admin)
    {
        const string path = "/portals/{portal:long}/records/{type}";
        Map(admin, "POST", path, RecordEndpoints.Create);
        Map(admin, "PATCH", path + "/{id}", RecordEndpoints.Update);
        Map(admin, "DELETE", path + "/{id}", RecordEndpoints.Archive);
        Map(admin, "POST", path + "/{id}/restore", RecordBin.Restore);
        Map(admin, "POST", path + "/merge", MergeEndpoint.Merge);
    }

    private static void Map(IEndpointRouteBuilder admin, string method, string pattern, CallHandler handler) => admin.MapMethods(
        pattern, [method], (HttpContext http, long portal, CallPipeline pipeline) => pipeline.RunByPersonAsync(http, portal, handler));
}
