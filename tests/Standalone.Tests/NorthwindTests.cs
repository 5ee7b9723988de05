using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

public sealed class NorthwindTests
{
    internal static readonly NorthwindFiles Files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));

    [Fact]
    public async Task Northwind_arrives_whole_and_once_within_80_calls_and_within_every_limit_and_loaded_again_costs_no_call()
    {
        await using var installation = await AnInstallation.ConnectedAsync();

        await LoadAsync(installation.Hub, installation.Company);
        await installation.SettledAsync();

        (await installation.Account.DifferencesAsync(Files)).ShouldBeEmpty();
        var calls = installation.Simulator.Calls;
        calls.Total.ShouldBeLessThanOrEqualTo(80);
        calls.MostWithin(TimeSpan.FromSeconds(60)).ShouldBeLessThanOrEqualTo(500);
        calls.MostAtOnce.ShouldBeLessThanOrEqualTo(5);
        calls.Answered(409).ShouldBe(0);
        (await installation.CallsOfAsync(() => LoadAsync(installation.Hub, installation.Company))).ShouldBe(0);
        await installation.NoDeadLettersAsync();
    }

    internal static async Task LoadAsync(HubApi hub, string company)
    {
        await hub.UploadAsync($"{company}/records/companies", Files.Companies);
        await hub.UploadAsync($"{company}/records/customers", Files.Customers);
        await hub.UploadAsync($"{company}/records/products", Files.Products);
        await hub.UploadAsync($"{company}/records/transactions", Files.Orders.Select(o => o.ToRecord()));
    }
}
