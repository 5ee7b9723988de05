using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class TaxRateEndpoint
{
    public static void MapTaxRates(this IEndpointRouteBuilder routes) =>
        routes.MapCall("GET", "/tax-rates/{ver}/tax-rates", new("tax-rates.list"), List);

    private static Answer List(ApiCall call)
    {
        Scopes.RequireTaxRates(call);
        var rates = call.Portal.Switches.TaxRates.Select(rate => new JsonObject
        {
            ["name"] = rate.Name,
            ["percentageRate"] = rate.PercentageRate,
            ["label"] = rate.Label,
            ["active"] = rate.Active,
            ["id"] = rate.Id,
            ["createdAt"] = Json.Time(call.Portal.CreatedAt),
            ["updatedAt"] = Json.Time(call.Portal.CreatedAt),
        });
        return Answer.Ok(Paging.Page(call, rates, after: null));
    }
}
