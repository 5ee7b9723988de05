using HubSpotBus.Hub.BatchExecutions;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>The slots' rows alone, without the queue whose concurrency limit promises the same in one process.</summary>
public sealed class SlotTests
{
    [Fact]
    public async Task The_rows_alone_hold_the_number_of_concurrent_batch_executions()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = Guid.Parse((await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":2}""")).Split('/')[^1]);
        var batches = Enumerable.Range(0, 3).Select(_ => new BatchExecution { Id = NewId.NextGuid(), SubscriptionId = subscription }).ToList();
        (await TakeAsync(hub, batches[0])).ShouldNotBeNull();
        var second = await TakeAsync(hub, batches[1]);
        second.ShouldNotBeNull();

        (await TakeAsync(hub, batches[2])).ShouldBeNull();

        // A holder that has been silent for longer than its lease has lost its slot to the next who asks.
        await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.Where(s => s.BatchId == batches[1].Id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LeaseUntil, DateTimeOffset.UnixEpoch)));
        (await TakeAsync(hub, batches[2])).ShouldNotBeNull().Number.ShouldBe(second.Number);
        (await hub.Service.ReadAsync<HubDb, bool>(db => new Slots(db, TimeProvider.System).RenewAsync(batches[1].Id, second.Token, TestContext.Current.CancellationToken)))
            .ShouldBeFalse();
        (await hub.Service.ReadAsync<HubDb, int>(db => db.Slots.CountAsync())).ShouldBe(2);
    }

    [Fact]
    public async Task Who_takes_the_same_slot_at_the_same_moment_gets_it_once()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = Guid.Parse((await hub.ConnectedAsync("""{"name":"HubSpot - Test","concurrentBatchExecutions":1}""")).Split('/')[^1]);
        await using var one = hub.Service.Services.CreateAsyncScope();
        await using var other = hub.Service.Services.CreateAsyncScope();
        var (first, second) = (one.ServiceProvider.GetRequiredService<HubDb>(), other.ServiceProvider.GetRequiredService<HubDb>());

        // Both have looked before either saves.
        await new Slots(first, TimeProvider.System).TakeAsync(new BatchExecution { Id = NewId.NextGuid(), SubscriptionId = subscription }, TestContext.Current.CancellationToken);
        await new Slots(second, TimeProvider.System).TakeAsync(new BatchExecution { Id = NewId.NextGuid(), SubscriptionId = subscription }, TestContext.Current.CancellationToken);
        await first.SaveChangesAsync(TestContext.Current.CancellationToken);

        await Should.ThrowAsync<DbUpdateException>(() => second.SaveChangesAsync(TestContext.Current.CancellationToken));
    }

    private static Task<Slot?> TakeAsync(AHub hub, BatchExecution batch) => hub.Service.ReadAsync<HubDb, Slot?>(async db =>
    {
        var slot = await new Slots(db, TimeProvider.System).TakeAsync(batch, TestContext.Current.CancellationToken);
        await db.SaveChangesAsync();
        return slot;
    });
}
