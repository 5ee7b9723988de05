using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>HubSpot's searches show what was written only after a while: here, never. Nothing is doubled, and nothing taken for missing.</summary>
public sealed class SearchLagTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_searches_do_not_show_is_adopted_found_by_e_mail_and_by_SKU_and_not_made_again_after_a_lost_answer(bool withoutKeys)
    {
        await using var installation = await AnInstallation.ConnectedAsync(
            before: async simulator =>
            {
                simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), withoutKeys
                    ? new PortalSwitches { SkuIsNoKey = true, UniquePropertiesTaken = ["companies", "contacts", "products", "orders", "line_items"] }
                    : new PortalSwitches());
                await AnInstallation.CreateInHubSpotAsync(simulator, "companies", """{"properties":{"name":"FIRM F1"}}""");
                await AnInstallation.CreateInHubSpotAsync(simulator, "contacts", """{"properties":{"email":"ann@example.com"}}""");
            },
            hubSpot: new SimulatorOptions { SearchIndexDelay = TimeSpan.FromHours(1) });

        // Made after the account was connected: no listing knows them yet.
        await installation.CreateInHubSpotAsync("contacts", """{"properties":{"email":"gus@example.com"}}""");
        await installation.CreateInHubSpotAsync("contacts", """{"properties":{"email":"bob@example.com"}}""");
        await installation.CreateInHubSpotAsync("products", """{"properties":{"name":"In HubSpot and in the hub","hs_sku":"SKU-1"}}""");
        var onlyInHubSpot = await installation.CreateInHubSpotAsync("products", """{"properties":{"name":"In HubSpot only","hs_sku":"SKU-2"}}""");
        foreach (var type in new[] { "companies", "contacts", "products", "orders", "line_items" })
            installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = $"{type}.batch.create" }, Status = 0, When = "after", Times = 1 });

        await installation.Hub.UploadAsync($"{installation.Company}/records/companies", [Shop.Company("F1"), Shop.Company("F2")]);
        await installation.Hub.UploadAsync($"{installation.Company}/records/customers",
            [Shop.Customer("C1", "F1", "ann@example.com"), Shop.Customer("C2", "F2", "bob@example.com"), Shop.Customer("C3", "F2", "cleo@example.com")]);
        await installation.Hub.UploadAsync($"{installation.Company}/records/products", [Shop.Product("P1", "SKU-1"), Shop.Product("P3", "SKU-3")]);
        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions",
        [
            Shop.Transaction("T1", "C1", Shop.Line("1", "SKU-1", 1, 10), Shop.Line("2", "SKU-2", 1, 10), Shop.Line("3", "SKU-3", 1, 10)),
            new { id = "T2", number = "T2", currency = "USD", total = 10, guest = new { email = "gus@example.com" }, lines = new[] { Shop.Line("1", "SKU-2", 1, 10) } },
        ]);

        AnInstallation.Parked(await installation.SettledAsync()).ShouldBe(0);
        (await installation.Account.RecordsAsync("companies")).Select(c => c["name"]).Order().ShouldBe(["Firm F1", "Firm F2"]);
        (await installation.Account.RecordsAsync("contacts")).Select(c => c["email"]).Order()
            .ShouldBe(["ann@example.com", "bob@example.com", "cleo@example.com", "gus@example.com"]);
        (await installation.Account.RecordsAsync("products")).Select(p => p["hs_sku"]).Order().ShouldBe(["SKU-1", "SKU-2", "SKU-3"]);
        (await installation.Account.RecordsAsync("orders")).Count.ShouldBe(2);
        var lines = await installation.Account.RecordsAsync("line_items");
        (lines.Count, lines.Count(l => l["hs_product_id"] == onlyInHubSpot)).ShouldBe((4, 2));
        await installation.NoDeadLettersAsync();
    }
}
