using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class AccountEndpoint
{
    public static void MapAccount(this IEndpointRouteBuilder routes) =>
        routes.MapCall("GET", "/account-info/{ver}/details", new("account-info"), Details);

    private static Answer Details(ApiCall call)
    {
        var details = new JsonObject
        {
            ["portalId"] = call.Portal.Id,
            ["accountType"] = "STANDARD",
            ["timeZone"] = "US/Eastern",
            ["companyCurrency"] = call.Portal.Currencies[0],
            ["additionalCurrencies"] = Json.Strings(call.Portal.Currencies.Skip(1)),
            ["utcOffset"] = "-04:00",
            ["utcOffsetMilliseconds"] = -14_400_000,
            ["uiDomain"] = "app.hubspot.com",
            ["dataHostingLocation"] = "na1",
        };
        if (call.IsNewest)
        {
            details["portalName"] = call.Portal.Name;
            details["createdAt"] = Json.Time(call.Portal.CreatedAt);
        }

        return Answer.Ok(details);
    }
}
