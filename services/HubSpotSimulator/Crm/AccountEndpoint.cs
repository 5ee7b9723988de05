using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Limits;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class AccountEndpoint
{
    public static void MapAccount(this IEndpointRouteBuilder routes)
    {
        var limits = routes.ServiceProvider.GetRequiredService<RateLimits>();
        routes.MapCall("GET", "/account-info/{ver}/details", new("account-info"), Details);
        routes.MapCall("GET", "/account-info/{ver}/api-usage/daily/private-apps", new("account-info.usage"), call => Usage(call, limits));
    }

    private static Answer Usage(ApiCall call, RateLimits limits) => Answer.Ok(new JsonObject
    {
        ["results"] = new JsonArray(new JsonObject
        {
            ["name"] = "private-apps-api-calls-daily",
            ["usageLimit"] = call.Store.Options.StaticCallsPerDay,
            ["currentUsage"] = limits.Today(call.Portal),
            ["collectedAt"] = Json.Time(call.Now),
            ["fetchStatus"] = "SUCCESS",
            ["resetsAt"] = Json.Time(call.Portal.NextMidnight(call.Now)),
        }),
    });

    private static Answer Details(ApiCall call)
    {
        var offset = call.Portal.TimeZone.GetUtcOffset(call.Now);
        var details = new JsonObject
        {
            ["portalId"] = call.Portal.Id,
            ["accountType"] = "STANDARD",
            ["timeZone"] = call.Portal.TimeZoneName,
            ["companyCurrency"] = call.Portal.Currencies[0],
            ["additionalCurrencies"] = Json.Strings(call.Portal.Currencies.Skip(1)),
            ["utcOffset"] = $"{(offset < TimeSpan.Zero ? '-' : '+')}{offset:hh\\:mm}",
            ["utcOffsetMilliseconds"] = (int)offset.TotalMilliseconds,
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
