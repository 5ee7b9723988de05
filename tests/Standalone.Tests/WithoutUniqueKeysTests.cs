using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Accounts that keep no unique property of ours: Northwind ends identical, also when answers to creates are lost.</summary>
public sealed class WithoutUniqueKeysTests
{
    private static readonly string[] Types = ["companies", "contacts", "products", "orders", "line_items"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Creates_whose_answers_are_lost_or_that_arrive_two_seconds_after_their_504_double_nothing(bool late)
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { UniquePropertiesTaken = Types });
            return Task.CompletedTask;
        });
        var files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));
        foreach (var kind in Types.Select(t => $"{t}.batch.create"))
        {
            installation.Simulator.Faults.Add(late
                ? Fault.CommitsLate(kind, TimeSpan.FromSeconds(2))
                : new Fault { Match = new FaultMatch { Kind = kind }, Status = 0, Times = 1, When = "after" });
        }

        await AnInstallation.UploadAsync(installation.Hub, installation.Company, files.ToDemo());
        await installation.SettledAsync();
        await installation.NothingComesLateAsync();

        installation.Simulator.Faults.All().ShouldAllBe(f => f.Times == 0);
        (await NorthwindCheck.DifferencesAsync(installation.Account, files)).ShouldBeEmpty();
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(files.Orders.Sum(o => o.Lines.Count));
        foreach (var type in Types)
            (await installation.Account.RecordsAsync(type)).CountBy(r => r[KeyOf(type)]!).ShouldAllBe(k => k.Value == 1, type);
        await installation.NoDeadLettersAsync();
    }

    private static string KeyOf(string type) => type switch
    {
        "products" => "hub_product_id",
        "orders" => "hub_transaction_id",
        "companies" => "hub_company_id",
        "contacts" => "hub_customer_id",
        _ => "hub_line_id",
    };
}
