using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>The installation instructions recommend five calls a minute to begin with.</summary>
public sealed class FirstSettingTests
{
    [Fact]
    public async Task Five_calls_a_minute_are_enough_to_connect_and_to_transfer_an_order()
    {
        await using var installation = await AnInstallation.StartAsync();

        await installation.SubscribeAsync(new { apiThrottleLimit = 5, apiThrottleSeconds = 60 }, within: TimeSpan.FromMinutes(6));
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await CallBudgetTests.PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10)));
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync("orders")).Count.ShouldBe(1);
        installation.Simulator.Calls.MostWithin(TimeSpan.FromSeconds(60)).ShouldBeLessThanOrEqualTo(5);
        installation.Simulator.Calls.Answered(429).ShouldBe(0);
    }
}
