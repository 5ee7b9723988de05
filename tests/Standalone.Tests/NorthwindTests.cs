using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

public sealed class NorthwindTests
{
    private static readonly NorthwindFiles Files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));

    [Fact]
    public async Task Northwind_arrives_whole_and_once_within_80_calls_and_within_every_limit_and_loaded_again_costs_no_call()
    {
        await using var installation = await AnInstallation.ConnectedAsync();

        await LoadAsync(installation);
        await installation.SettledAsync();

        (await installation.Account.DifferencesAsync(Files)).ShouldBeEmpty();
        var calls = installation.Simulator.Calls;
        calls.Total.ShouldBeLessThanOrEqualTo(80);
        calls.MostWithin(TimeSpan.FromSeconds(60)).ShouldBeLessThanOrEqualTo(500);
        calls.MostAtOnce.ShouldBeLessThanOrEqualTo(5);
        calls.Answered(409).ShouldBe(0);
        (await installation.CallsOfAsync(() => LoadAsync(installation))).ShouldBe(0);
        await installation.NoDeadLettersAsync();
    }

    internal static async Task LoadAsync(AnInstallation installation)
    {
        await installation.Hub.UploadAsync($"{installation.Company}/records/companies", Files.Companies);
        await installation.Hub.UploadAsync($"{installation.Company}/records/customers", Files.Customers);
        await installation.Hub.UploadAsync($"{installation.Company}/records/products", Files.Products);
        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions", Files.Orders.Select(o => o.ToRecord()));
    }
}
