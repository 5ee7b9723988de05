using HubSpotBus.Contracts.Customers;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>Batch executions that nobody has an order for any more.</summary>
public sealed class PlanningSweepTests
{
    [Fact]
    public async Task A_batch_execution_that_waits_for_a_slot_and_whose_order_is_gone_is_ordered_again()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        var batch = await LeftBehindAsync(hub, BatchState.Planned);

        await MendAsync(hub);

        await CarriedOutAsync(hub, subscription, batch);
    }

    [Fact]
    public async Task What_waits_because_all_slots_are_held_is_not_ordered_again()
    {
        await using var hub = await AHub.StartAsync();
        await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":1}""");
        var batch = await LeftBehindAsync(hub, BatchState.Planned, SlotOfAnother);

        await MendAsync(hub);

        (await ReadAsync(hub, batch)).OrderedAgainAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_batch_execution_whose_holder_fell_silent_is_ordered_again()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        var batch = await LeftBehindAsync(hub, BatchState.Running, b => new Slot
        {
            SubscriptionId = b.SubscriptionId, Number = 1, BatchId = b.Id, Token = NewId.NextGuid(), LeaseUntil = MinutesAgo(3),
        });

        await MendAsync(hub);

        await CarriedOutAsync(hub, subscription, batch);
    }

    [Fact]
    public async Task A_batch_execution_whose_slot_another_has_taken_over_is_ordered_again_and_waits_for_one()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":1}""");
        var batch = await LeftBehindAsync(hub, BatchState.Running, SlotOfAnother);

        await MendAsync(hub);
        (await ReadAsync(hub, batch)).OrderedAgainAt.ShouldNotBeNull();
        hub.Service.Waiting<TransferCustomers>().ShouldBe(0);
        await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.ExecuteDeleteAsync());

        await CarriedOutAsync(hub, subscription, batch);
    }

    [Fact]
    public async Task A_batch_execution_that_waits_for_its_slot_in_vain_ends_by_its_deadline()
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:RetryUnit"] = "01:00:00" });
        var subscription = await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":1}""");
        await LeftBehindAsync(hub, BatchState.Running, SlotOfAnother, begun: MinutesAgo(56));
        await MendAsync(hub);

        // The order waits for a slot: the deadline passes meanwhile.
        await hub.Service.ReadAsync<HubDb, int>(db => db.BatchExecutions.ExecuteUpdateAsync(set => set.SetProperty(b => b.SlotTakenAt, MinutesAgo(58))));

        await hub.UntilStateAsync(subscription, "companies", "F1", "postponed");
        (await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.CountAsync())).ShouldBe(1, "the other's");
    }

    [Fact]
    public async Task A_batch_execution_that_no_order_reaches_ends_by_its_deadline_all_the_same()
    {
        await using var hub = await AHub.StartAsync(new Dictionary<string, string?> { ["Hub:RetryUnit"] = "01:00:00" });
        var subscription = await hub.ConnectedAsync();
        var batch = await LeftBehindAsync(hub, BatchState.Running, begun: MinutesAgo(60), orderedAgain: MinutesAgo(1));

        await MendAsync(hub);

        (await ReadAsync(hub, batch)).State.ShouldBe(BatchState.Done);
        (await hub.TransferAsync(subscription, "companies", "F1"))["state"]!.ToString().ShouldBe("postponed");
    }

    /// <summary>A batch execution of company F1, as another process left it: in the store, and in no queue.</summary>
    private static async Task<Guid> LeftBehindAsync(
        AHub hub, BatchState state, Func<BatchExecution, Slot>? slot = null, DateTimeOffset? begun = null, DateTimeOffset? orderedAgain = null)
    {
        await hub.PutAsync($"{hub.Company}/records/companies/F1", """{"id":"F1","name":"Firm"}""");
        var order = await hub.Service.NextAsync<TransferCustomers>();
        var known = await ReadAsync(hub, order.BatchId);
        await hub.AnswerAsync(order);
        await ServiceUnderTest.UntilAsync(async () => (await ReadAsync(hub, order.BatchId)).State == BatchState.Done, "the model for it has ended");
        await hub.Service.QuietAsync();

        var batch = new BatchExecution
        {
            Id = NewId.NextGuid(), SubscriptionId = order.SubscriptionId, DataType = known.DataType, State = state, Records = 1, PlannedAt = MinutesAgo(60),
            SlotTakenAt = state == BatchState.Running ? begun ?? MinutesAgo(10) : null, OrderedAgainAt = orderedAgain,
        };
        batch.OrderJson = known.OrderJson.Replace(order.BatchId.ToString(), batch.Id.ToString(), StringComparison.Ordinal);
        await hub.Service.ReadAsync<HubDb, int>(async db =>
        {
            db.BatchExecutions.Add(batch);
            if (slot is not null)
                db.Slots.Add(slot(batch));
            (await db.Transfers.SingleAsync()).Run(batch.Id, TimeProvider.System.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        return batch.Id;
    }

    private static Slot SlotOfAnother(BatchExecution batch) => new()
    {
        SubscriptionId = batch.SubscriptionId, Number = 1, BatchId = NewId.NextGuid(), Token = NewId.NextGuid(), LeaseUntil = MinutesAgo(-60),
    };

    private static DateTimeOffset MinutesAgo(int minutes) => TimeProvider.System.GetUtcNow().AddMinutes(-minutes);

    private static async Task MendAsync(AHub hub)
    {
        await using var scope = hub.Service.Services.CreateAsyncScope();
        try
        {
            await scope.ServiceProvider.GetRequiredService<PlanningSweep>().MendAsync(TestContext.Current.CancellationToken);
        }
        catch (DbUpdateException)
        {
            // The hub's own loop did the same at this moment.
        }
    }

    private static Task<BatchExecution> ReadAsync(AHub hub, Guid batch) =>
        hub.Service.ReadAsync<HubDb, BatchExecution>(db => db.BatchExecutions.AsNoTracking().SingleAsync(b => b.Id == batch));

    private static async Task CarriedOutAsync(AHub hub, string subscription, Guid batch)
    {
        var order = await hub.Service.NextAsync<TransferCustomers>();
        order.BatchId.ShouldBe(batch);
        (await hub.Service.ReadAsync<HubDb, bool>(db => db.Slots.AnyAsync(s => s.BatchId == batch))).ShouldBeTrue();
        await hub.AnswerAsync(order);
        await hub.UntilStateAsync(subscription, "companies", "F1", "transferred");
        (await hub.Service.ReadAsync<HubDb, Transfer>(db => db.Transfers.SingleAsync())).BatchId.ShouldBe(batch);
        await hub.Service.QuietAsync();
        await hub.Service.NoDeadLettersAsync();
    }
}
