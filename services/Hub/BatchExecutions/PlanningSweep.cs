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
internal sealed partial class PlanningSweep(HubDb db, Outbox<HubDb> outbox, TimeProvider time, ILogger<PlanningSweep> log)
{
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
        await OrderAgainAsync(cancellationToken);
        await ReleaseArrivedAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Batch executions that nobody runs though their lease has lapsed: their order is gone.</summary>
    private async Task OrderAgainAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - Forgotten;
        var leftBehind = await db.Slots.Where(s => s.LeaseUntil < before)
            .Join(db.BatchExecutions.Where(b => b.State == BatchState.Running), s => s.BatchId, b => b.Id, (s, b) => new { b.Id, b.SubscriptionId, s.Token })
            .ToListAsync(cancellationToken);
        foreach (var batch in leftBehind)
        {
            // Once for each holder that fell silent, however many replicas notice.
            await outbox.SendAsync(new RunBatchExecution { BatchId = batch.Id, SubscriptionId = batch.SubscriptionId },
                MessageIds.For(batch.Token, "run again"), queue: SubscriptionQueues.NameOf(batch.SubscriptionId), cancellationToken: cancellationToken);
            RunAgain(log, batch.Id, batch.SubscriptionId);
        }
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
