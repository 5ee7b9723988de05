using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Calls per record is the headline number: each row of the budget is a test.</summary>
public sealed class CallBudgetTests
{
    [Fact]
    public async Task One_new_order_with_everything_new_costs_at_most_6_calls_and_with_everything_known_at_most_4()
    {
        await using var installation = await AnInstallation.ConnectedAsync();

        (await installation.CallsOfAsync(async () =>
        {
            await PutAsync(installation, "companies", "F1", Shop.Company("F1"));
            await PutAsync(installation, "customers", "C1", Shop.Customer("C1", "F1"));
            await PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
            await PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", "C1", Shop.Line("1", "SKU-1", 2, 10)));
        })).ShouldBeInRange(4, 6);
        (await installation.CallsOfAsync(() => PutAsync(installation, "transactions", "T2", Shop.Transaction("T2", "C1", Shop.Line("1", "SKU-1", 3, 10)))))
            .ShouldBeInRange(2, 4);
    }

    [Fact]
    public async Task One_changed_line_costs_at_most_2_calls_and_keeps_the_ids_of_the_rest_and_the_same_again_costs_none()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10), Shop.Line("2", "SKU-1", 1, 20)));
        await installation.SettledAsync();
        var before = await installation.Account.RecordsAsync("line_items");

        var changed = Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10), Shop.Line("2", "SKU-1", 5, 20));
        (await installation.CallsOfAsync(() => PutAsync(installation, "transactions", "T1", changed))).ShouldBeInRange(1, 2);

        var after = await installation.Account.RecordsAsync("line_items");
        after.Select(l => l.Id).Order().ShouldBe(before.Select(l => l.Id).Order());
        after.Single(l => l["hub_line_id"]!.EndsWith("T1/2", StringComparison.Ordinal))["quantity"].ShouldBe("5");
        (await installation.Account.RecordsAsync("orders")).Single()["hs_total_price"].ShouldBe("110");
        (await installation.CallsOfAsync(() => PutAsync(installation, "transactions", "T1", changed))).ShouldBe(0);
    }

    [Fact]
    public async Task A_line_taken_away_is_archived_after_the_changed_ones_are_written()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10), Shop.Line("2", "SKU-1", 1, 20)));
        await installation.SettledAsync();

        await PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10)));
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync("line_items")).Single()["hub_line_id"]!.ShouldEndWith("T1/1");
        (await installation.Account.RecordsAsync("orders")).Single().To("line_items").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_hundred_orders_of_five_lines_with_a_company_each_all_new_cost_at_most_12_calls()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        var numbers = Enumerable.Range(1, 100).ToList();

        (await installation.CallsOfAsync(async () =>
        {
            await installation.Hub.UploadAsync($"{installation.Company}/records/companies", numbers.Select(n => Shop.Company($"F{n}")));
            await installation.Hub.UploadAsync($"{installation.Company}/records/customers", numbers.Select(n => Shop.Customer($"C{n}", $"F{n}")));
            await installation.Hub.UploadAsync($"{installation.Company}/records/products", numbers.Select(n => Shop.Product($"P{n}", $"SKU-{n}")));
            await installation.Hub.UploadAsync($"{installation.Company}/records/transactions", numbers.Select(n =>
                Shop.Transaction($"T{n}", $"C{n}", [.. Enumerable.Range(0, 5).Select(l => Shop.Line($"{l}", $"SKU-{((n + l) % 100) + 1}", 1, 10))])));
        })).ShouldBeInRange(9, 12);
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(500);
    }

    internal static Task PutAsync(AnInstallation installation, string dataType, string id, object record) =>
        installation.Hub.PutAsync($"{installation.Company}/records/{dataType}/{id}", record);
}
