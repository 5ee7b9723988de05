using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class Paging
{
    /// <summary>No <c>paging</c> means the last page; the next one is at the path of the call, unless another is given.</summary>
    public static JsonObject Page(ApiCall call, IEnumerable<JsonNode> results, string? after, string? path = null)
    {
        var page = new JsonObject { ["results"] = new JsonArray([.. results]) };
        if (after is not null)
        {
            page["paging"] = new JsonObject
            {
                ["next"] = new JsonObject { ["after"] = after, ["link"] = $"{call.BaseAddress}{path ?? call.Path}?after={after}" },
            };
        }

        return page;
    }
}
