using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class Paging
{
    /// <summary>No <c>paging</c> means the last page.</summary>
    public static JsonObject Page(ApiCall call, IEnumerable<JsonNode> results, string? after)
    {
        var page = new JsonObject { ["results"] = new JsonArray([.. results]) };
        if (after is not null)
        {
            page["paging"] = new JsonObject
            {
                ["next"] = new JsonObject { ["after"] = after, ["link"] = $"{call.BaseAddress}{call.Path}?after={after}" },
            };
        }

        return page;
    }
}
