using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Transactions.Tests;

public sealed class ListingTests
{
    [Fact]
    public async Task While_a_page_is_listed_again_nobody_misses_a_record_that_was_known()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        foreach (var n in Enumerable.Range(1, 3))
            await hubSpot.CreateAsync("orders", new { hs_order_name = $"Order {n}", hub_transaction_id = $"hub:T{n}" });
        await using var service = await ServiceUnderTest.StartAsync(builder => builder.AddTransaction(), bus => bus.AddTransactionConsumers(), settings: hubSpot.Settings);
        await ListAsync();
        (await KnownAsync()).ShouldBe(3);
        await service.ReadAsync<TransactionDb, int>(db => db.Set<KnownObjectType>().ExecuteUpdateAsync(set => set.SetProperty(t => t.ListFrom, (string?)null)));

        var meanwhile = new List<int>();
        await ListAsync(() => meanwhile.Add(Task.Run(KnownAsync).GetAwaiter().GetResult()));

        meanwhile.ShouldNotBeEmpty();
        meanwhile.ShouldAllBe(known => known == 3);
        (await KnownAsync()).ShouldBe(3);

        async Task ListAsync(Action? beforeItIsSaved = null)
        {
            await using var scope = service.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TransactionDb>();
            db.SavingChanges += (_, _) => beforeItIsSaved?.Invoke();
            await scope.ServiceProvider.GetRequiredService<ExistingRecords>()
                .ListAsync(db, ATransfer.Subscription, ObjectTypes.Orders, DateTimeOffset.MaxValue, TestContext.Current.CancellationToken);
        }

        Task<int> KnownAsync() => service.ReadAsync<TransactionDb, int>(db => db.Set<KnownRecord>().Select(k => k.HubSpotId).Distinct().CountAsync());
    }
}
