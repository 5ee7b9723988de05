using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Accounts that keep no unique property of ours: Northwind ends identical, also when answers to creates are lost.</summary>
public sealed class WithoutUniqueKeysTests
{
    [Theory]
    [InlineData("products")]
    [InlineData("orders")]
    [InlineData("line_items")]
    [InlineData("companies")]
    public async Task Creates_whose_answers_are_lost_or_that_arrive_late_double_nothing(string type)
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { UniquePropertiesTaken = [type] });
            return Task.CompletedTask;
        });
        var files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));
        installation.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = $"{type}.batch.create" }, Status = 0, Times = 1, When = "after" });
        installation.Simulator.Faults.Add(Fault.CommitsLate($"{type}.batch.create", TimeSpan.FromMilliseconds(200)));

        await AnInstallation.UploadAsync(installation.Hub, installation.Company, files.ToDemo());
        await installation.SettledAsync();

        (await NorthwindCheck.DifferencesAsync(installation.Account, files)).ShouldBeEmpty();
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(files.Orders.Sum(o => o.Lines.Count));
        (await installation.Account.RecordsAsync(type)).CountBy(r => r[KeyOf(type)]!).ShouldAllBe(k => k.Value == 1);
        await installation.NoDeadLettersAsync();
    }

    private static string KeyOf(string type) => type switch
    {
        "products" => "hub_product_id",
        "orders" => "hub_transaction_id",
        "companies" => "hub_company_id",
        _ => "hub_line_id",
    };
}
