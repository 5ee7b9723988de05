using HubSpotBus.Samples;
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
        AnInstallation.Parked(await installation.SettledAsync()).ShouldBe(0);

        (await NorthwindCheck.DifferencesAsync(installation.Account, Files)).ShouldBeEmpty();
        var calls = installation.Simulator.Calls;
        calls.Total.ShouldBeLessThanOrEqualTo(80);
        calls.MostWithin(TimeSpan.FromSeconds(60)).ShouldBeLessThanOrEqualTo(500);
        calls.MostAtOnce.ShouldBeLessThanOrEqualTo(5);
        calls.Answered(409).ShouldBe(0);
        (await installation.CallsOfAsync(() => LoadAsync(installation.Hub, installation.Company))).ShouldBe(0);
        await installation.NoDeadLettersAsync();
    }

    internal static Task LoadAsync(HubApi hub, string company) => AnInstallation.UploadAsync(hub, company, Files.ToDemo());
}
