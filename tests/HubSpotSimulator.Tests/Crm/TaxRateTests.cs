using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class TaxRateTests
{
    private const string Rates = "/tax-rates/v1/tax-rates";

    [Fact]
    public async Task A_line_item_takes_the_accounts_tax_rates_only()
    {
        await using var simulator = await ASimulator.StartAsync();

        var rates = await simulator.GetAsync(Rates);
        var (id, active) = ((string)rates.Results[0]["id"]!, (bool)rates.Results[0]["active"]!);
        var line = await simulator.MakeAsync("line_items", new { name = "Tea", hs_tax_rate_group_id = id });
        var refused = await simulator.PostAsync("/crm/objects/2026-09/line_items",
            new { properties = new { name = "Tea", hs_tax_rate_group_id = "17" } });
        var emptied = await simulator.SendAsync(
            HttpMethod.Patch, $"/crm/objects/2026-09/line_items/{line}", new { properties = new { hs_tax_rate_group_id = "" } });

        (rates.Status, active, (decimal)rates.Results[0]["percentageRate"]!).ShouldBe((200, true, 6.25m));
        (refused.Status, (string)refused.Errors.Single()["code"]!, emptied.Status).ShouldBe((400, "INVALID_OPTION", 200));
    }

    [Fact]
    public async Task An_account_has_the_tax_rates_that_its_switches_name()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { TaxRates = [new() { Id = "17", Name = "vat", Label = "VAT", PercentageRate = 19 }] });

        var rates = await simulator.GetAsync(Rates);
        var made = await simulator.PostAsync("/crm/objects/2026-09/line_items",
            new { properties = new { name = "Tea", hs_tax_rate_group_id = 17 } });

        ((string)rates.Results.Single()["label"]!, made.Status).ShouldBe(("VAT", 201));
    }

    [Fact]
    public async Task Tax_rates_have_a_scope_of_their_own()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.ConnectAsync();

        var refused = await simulator.GetAsync(Rates);

        (refused.Status, refused.Category).ShouldBe((403, "MISSING_SCOPES"));
        refused.Errors.Single()["context"]!["requiredGranularScopes"]!.AsArray().Select(s => (string)s!).ShouldBe(["tax_rates.read"]);
    }
}
