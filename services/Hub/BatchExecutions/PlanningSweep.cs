using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>A subscription that has something to run, and whether it may plan.</summary>
internal sealed record SubscriptionWork(Guid SubscriptionId, int ConcurrentBatchExecutions, bool Plan);

/// <summary>Finds what there is to do over all subscriptions, and what has been left behind.</summary>
internal sealed partial class PlanningSweep(
    HubDb db, Outbox<HubDb> outbox, GivingUp givingUp, TimeProvider time, ILogger<PlanningSweep> log)
{
    private const int MostAtOnce = 100;
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Subscriptions with transfers to plan or batch executions to run. What runs goes on whatever has become of connection and subscription.
    /// </summary>
    public async Task<List<SubscriptionWork>> WithWorkAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var work = await db.Subscriptions.IgnoreQueryFilters().Select(s => new
        {
            s.Id,
            s.ConcurrentBatchExecutions,
            Plan = s.DeletedAt == null && s.Connection == ConnectionState.Connected && db.Transfers.Any(t => t.SubscriptionId == s.Id
                && (t.State == TransferState.Pending || (t.State == TransferState.Postponed && t.DueAt <= now))),
            Runs = db.BatchExecutions.Any(b => b.SubscriptionId == s.Id && b.State != BatchState.Done),
        }).Where(w => w.Plan || w.Runs).ToListAsync(cancellationToken);
        return work.ConvertAll(w => new SubscriptionWork(w.Id, w.ConcurrentBatchExecutions, w.Plan));
    }

    /// <summary>When the next postponed transfer falls due.</summary>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.Transfers.Where(t => t.State == TransferState.Postponed && t.DueAt > now).MinAsync(t => (DateTimeOffset?)t.DueAt, cancellationToken);
    }

    /// <summary>Mends what races and deaths left behind; a look now and then is enough.</summary>
    public async Task MendAsync(CancellationToken cancellationToken)
    {
        await GiveUpAsync(cancellationToken);
        await OrderAgainAsync(cancellationToken);
        await ReleaseArrivedAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>
    /// Batch executions whose order is gone: those that nobody runs, whether their slot's lease has lapsed or another has the slot; and those
    /// that were not begun though a slot is free. None of them has an inbox before it: the order gets through, and one too many does no harm.
    /// </summary>
    private async Task OrderAgainAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var before = now - Forgotten;
        var leftBehind = await db.BatchExecutions.IgnoreQueryFilters()
            .Where(b => b.State != BatchState.Done && (b.OrderedAgainAt ?? b.PlannedAt) < before
                && (b.State == BatchState.Running
                    ? !db.Slots.Any(s => s.BatchId == b.Id && s.LeaseUntil >= before)
                    : db.Slots.Count(s => s.SubscriptionId == b.SubscriptionId && s.LeaseUntil >= now)
                        < db.Subscriptions.Where(s => s.Id == b.SubscriptionId).Select(s => s.ConcurrentBatchExecutions).First()))
            .OrderBy(b => b.PlannedAt).Take(MostAtOnce).ToListAsync(cancellationToken);
        var ids = leftBehind.ConvertAll(b => b.Id);
        var held = await db.Slots.AsNoTracking().Where(s => ids.Contains(s.BatchId)).ToListAsync(cancellationToken);
        foreach (var batch in leftBehind)
        {
            // Not added while the one for the same silent holder, or for none, still waits in the outbox.
            var holder = held.Find(s => s.BatchId == batch.Id)?.Token ?? batch.Id;
            batch.OrderedAgainAt = now;
            await outbox.SendAsync(new RunBatchExecution { BatchId = batch.Id, SubscriptionId = batch.SubscriptionId },
                MessageIds.For(holder, "run again"), queue: SubscriptionQueues.NameOf(batch.SubscriptionId), cancellationToken: cancellationToken);
            RunAgain(log, batch.Id, batch.SubscriptionId);
        }
    }

    /// <summary>Batch executions past their deadline that nobody looks after, as when their queue cannot be connected.</summary>
    private async Task GiveUpAsync(CancellationToken cancellationToken)
    {
        var before = givingUp.BegunBefore - Forgotten;
        var overdue = await db.BatchExecutions.Where(b => b.State == BatchState.Running && b.SlotTakenAt < before)
            .OrderBy(b => b.SlotTakenAt).Take(MostAtOnce).ToListAsync(cancellationToken);
        foreach (var batch in overdue)
            await givingUp.GiveUpAsync(batch, null, cancellationToken);
    }

    /// <summary>Transfers that were parked for want of a reference in the very moment in which it arrived: neither saw the other.</summary>
    private async Task ReleaseArrivedAsync(CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - Forgotten;
        var parked = await db.Transfers.Where(t => t.State == TransferState.Parked && t.BlockedBy != null && t.UpdatedAt > since
                && db.Subscriptions.Any(s => s.Id == t.SubscriptionId))
            .OrderBy(t => t.UpdatedAt).Take(1000).ToListAsync(cancellationToken);
        foreach (var ofSubscription in parked.GroupBy(t => t.SubscriptionId))
        {
            var subscription = await db.Subscriptions.SingleAsync(s => s.Id == ofSubscription.Key, cancellationToken);
            var states = await ReferenceStates.LoadAsync(db, subscription, ofSubscription.Select(t => t.BlockedBy!).Distinct(), cancellationToken);
            foreach (var transfer in ofSubscription.Where(t => states.Of(t.BlockedBy!) is ReferenceState.Ready or ReferenceState.Waiting))
                transfer.Release(time.GetUtcNow());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Batch execution {BatchId} of subscription {SubscriptionId} was left behind; it is ordered again")]
    private static partial void RunAgain(ILogger log, Guid batchId, Guid subscriptionId);
}
