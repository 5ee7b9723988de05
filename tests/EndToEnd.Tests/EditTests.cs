using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Standalone.Tests;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>A record that is changed while it is on its way, over two replicas of every service.</summary>
[Collection<TwoReplicas>]
public sealed class EditTests(TwoReplicas services)
{
    // Longer than both edits take, however busy the machine is.
    private const int HubSpotThinks = 4000;

    [Fact]
    public async Task Of_two_edits_during_the_transfer_the_newest_wins_and_the_record_is_never_transferred_twice_at_once()
    {
        var installation = await KillTests.OnlyTransactionsFlowAsync(services);
        var calls = installation.Simulator.Calls;
        installation.Simulator.Faults.Add(new Fault
        {
            Match = new FaultMatch { Kind = "orders.batch.create" }, When = "after", DelayMilliseconds = HubSpotThinks, Times = 1,
        });
        await SaveAsync(quantity: 1);
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(calls.Of("orders.batch.create") == 1), "HubSpot writes the order", TimeSpan.FromMinutes(1));

        await SaveAsync(quantity: 2);
        await SaveAsync(quantity: 3);
        await installation.SettledAsync();

        var order = (await installation.Account.RecordsAsync("orders")).ShouldHaveSingleItem();
        order["hs_total_price"].ShouldBe("30");
        (await installation.Account.RecordsAsync("line_items")).ShouldHaveSingleItem()["quantity"].ShouldBe("3");
        (calls.Of("orders.batch.create"), calls.Of("orders.batch.update")).ShouldBe((1, 1), "the first edit was overtaken by the second");
        (await installation.MostBatchesAtOnceAsync()).ShouldBe(1, "each of the two transfers is a batch execution of its own");
        await installation.NoErrorsAsync();

        Task SaveAsync(int quantity) => installation.Api.UploadAsync(
            $"{installation.Company}/records/transactions", [Shop.Transaction("T1", "C1", Shop.Line("1", "SKU-1", quantity, 10))]);
    }
}
