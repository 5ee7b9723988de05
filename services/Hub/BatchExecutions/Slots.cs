using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>
/// The subscription's slots as leased rows, never more than its Concurrent Batch Executions: what the endpoint's concurrency limit
/// promises in one process, these rows promise over all.
/// </summary>
internal sealed class Slots(HubDb db, TimeProvider time)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Adds or takes over a slot for the batch; the caller saves. Null when all are held.</summary>
    public async Task<Slot?> TakeAsync(BatchExecution batch, CancellationToken cancellationToken)
    {
        var limit = await db.Subscriptions.IgnoreQueryFilters().Where(s => s.Id == batch.SubscriptionId).Select(s => s.ConcurrentBatchExecutions)
            .SingleAsync(cancellationToken);
        var slots = await db.Slots.Where(s => s.SubscriptionId == batch.SubscriptionId).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (slots.Find(s => s.BatchId == batch.Id) is { } own)
            return Held(own, batch, now);
        if (slots.Count(s => s.LeaseUntil > now) >= limit)
            return null;
        var number = Enumerable.Range(1, limit).First(n => !slots.Exists(s => s.Number == n && s.LeaseUntil > now));
        var slot = slots.Find(s => s.Number == number)
            ?? db.Slots.Add(new Slot { SubscriptionId = batch.SubscriptionId, Number = number }).Entity;
        batch.SlotNumber = number;
        batch.SlotTakenAt ??= now;
        return Held(slot, batch, now);
    }

    /// <summary>Says that the holder lives. False when somebody else holds the slot now: the caller was silent for longer than its lease.</summary>
    public async Task<bool> RenewAsync(Guid batchId, Guid token, CancellationToken cancellationToken) => await db.Slots
        .Where(s => s.BatchId == batchId && s.Token == token)
        .ExecuteUpdateAsync(set => set.SetProperty(s => s.LeaseUntil, time.GetUtcNow() + Lease), cancellationToken) > 0;

    /// <summary>Frees the batch's slot because the batch is done; the caller saves.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="token">When given, only its holder's: somebody who has lost the slot ends nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the token is not the slot's any more.</returns>
    public async Task<bool> FreeAsync(BatchExecution batch, Guid? token, CancellationToken cancellationToken)
    {
        var slots = await db.Slots.Where(s => s.BatchId == batch.Id).ToListAsync(cancellationToken);
        if (token is not null && !slots.Exists(s => s.Token == token))
            return false;
        db.Slots.RemoveRange(slots);
        batch.SlotFreedAt = time.GetUtcNow();
        return true;
    }

    private static Slot Held(Slot slot, BatchExecution batch, DateTimeOffset now)
    {
        slot.BatchId = batch.Id;
        slot.LeaseUntil = now + Lease;
        slot.Token = NewId.NextGuid();
        return slot;
    }
}
