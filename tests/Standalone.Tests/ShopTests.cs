using HubSpotBus.Samples.Shop;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

public sealed class ShopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_shop_arrives_case_by_case_within_its_budget_and_loaded_again_costs_no_call(bool asDeals)
    {
        var shop = CornerShop.Open().ToDemo(asDeals);
        await using var installation = await AnInstallation.ConnectedAsync(shop.Settings, account: CornerShop.HubSpotAccountId);

        await AnInstallation.UploadAsync(installation.Hub, installation.Company, shop);
        AnInstallation.Parked(await installation.SettledAsync()).ShouldBe(0);

        (await shop.DifferencesAsync(installation.Account)).ShouldBeEmpty();
        installation.Simulator.Calls.Total.ShouldBeLessThanOrEqualTo(shop.Budget);
        ((string?)(await installation.Hub.GetAsync($"{installation.Company}/records/customers/C1"))["record"]!["category"]).ShouldBe("Wholesale");
        (await installation.CallsOfAsync(() => AnInstallation.UploadAsync(installation.Hub, installation.Company, shop))).ShouldBe(0);
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_order_cancelled_and_one_refunded_later_show_it_in_HubSpot_by_one_call_and_nothing_is_doubled(bool asDeals)
    {
        var shop = CornerShop.Open();
        await using var installation = await AnInstallation.ConnectedAsync(shop.ToDemo(asDeals).Settings, account: CornerShop.HubSpotAccountId);
        await AnInstallation.UploadAsync(installation.Hub, installation.Company, shop.ToDemo(asDeals));
        await installation.SettledAsync();
        var lines = await installation.Account.RecordsAsync("line_items");

        // One in dollars as a whole, one in euros of which 10 were paid back.
        var cancelled = shop.Orders[0] with { Status = "Cancelled" };
        var refunded = shop.Orders.First(o => o.Currency == "EUR") with { Status = "Refunded", PaidBack = 10 };
        var later = shop.With(cancelled, refunded).ToDemo(asDeals);
        (await installation.CallsOfAsync(() => AnInstallation.UploadAsync(installation.Hub, installation.Company, later))).ShouldBe(1);

        (await later.DifferencesAsync(installation.Account)).ShouldBeEmpty();
        AnInstallation.Parked(await installation.SettledAsync()).ShouldBe(0);
        (await installation.Account.RecordsAsync("line_items")).Select(l => (l.Id, l["hs_lastmodifieddate"]))
            .ShouldBe(lines.Select(l => (l.Id, l["hs_lastmodifieddate"])));
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public void The_shop_has_as_many_of_each_case_as_its_README_says()
    {
        var shop = CornerShop.Open();

        (shop.Companies.Count, shop.Customers.Count, shop.Products.Count(), shop.Variants.Count).ShouldBe((12, 60, 10, 40));
        shop.Variants.CountBy(v => v.ProductId).ShouldAllBe(p => p.Value == 4);
        (shop.Customers.Select(c => c.Category).Distinct().Count(), shop.Customers.Count(c => c.CompanyId is not null)).ShouldBe((6, 20));
        (shop.Orders.Count, shop.Orders.Sum(o => o.Lines.Count)).ShouldBe((124, 498));
        shop.Orders.Count(o => o.Discount != 0).ShouldBe(10);
        shop.Orders.Count(o => o.Currency == "EUR").ShouldBe(20);
        shop.Orders.Count(o => o.GuestEmail is not null && o.CustomerId is null).ShouldBe(10);
        shop.Orders.Where(o => o.Type == "Order").ShouldAllBe(o => o.Tax > 0 && o.Shipping > 0);
        shop.Orders.Count(o => o.Lines.Count == 130).ShouldBe(1);
        shop.Orders.Count(o => o.Status == "Cancelled").ShouldBe(1);
        shop.Orders.Count(o => o.Status == "Refunded").ShouldBe(1);
        shop.Orders.Count(o => o is { Type: "Return", Total: < 0 }).ShouldBe(1);
    }
}
