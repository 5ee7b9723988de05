using System.Diagnostics;
using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>
/// Plans batch executions of one subscription, dependencies first. Bulk work only a little ahead of those that run: a million transfers wait
/// as rows, not as orders in a queue, and a live change has few before it.
/// </summary>
internal sealed partial class Planner(HubDb db, Outbox<HubDb> outbox, TimeProvider time, ILogger<Planner> log)
{
    // Enough for any number of full batches at once; the rest is looked at right after.
    private const int MostAtOnce = 2000;
    private static readonly ActivitySource Source = new(ServiceDefaultsExtensions.TelemetryName);
    private static readonly DataType[] InOrder = [DataType.Company, DataType.Customer, DataType.Product, DataType.Transaction];

    /// <summary>Plans what can go now; returns when to look again though nothing happens.</summary>
    public async Task<DateTimeOffset?> PlanAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        DateTimeOffset? lookAgain = null;
        var bulk = await BulkThatMayBePlannedAsync(subscription, cancellationToken);
        foreach (var dataType in InOrder.Where(subscription.Flows))
        {
            var pending = await PendingAsync(subscription, dataType, liveOnly: bulk == 0, cancellationToken);
            if (pending.Count == 0)
                continue;
            var all = pending.Count;
            foreach (var transfer in pending.Where(t => dataType == DataType.Transaction && !subscription.Transfers(t.TransactionType)))
            {
                transfer.Skip(WhySkipped(transfer, subscription), time.GetUtcNow());
                Skipped(log, transfer.RecordId, transfer.TransactionType, transfer.TrackingId);
            }

            pending.RemoveAll(t => t.State == TransferState.Skipped);
            var states = await ReferenceStates.LoadAsync(db, subscription, pending.SelectMany(t => t.References).Distinct(), cancellationToken);
            var byId = pending.ToDictionary(t => t.Id);
            var plan = BatchPlanning.Decide(
                pending.ConvertAll(t => new Candidate(t.Id, t.Backfill, t.PendingSince, t.Lines, t.References)), states.Of, time.GetUtcNow());
            foreach (var blocked in plan.Blocked)
                byId[blocked.Candidate.Id].Park([WhyBlocked(blocked)], blocked.By, time.GetUtcNow());
            foreach (var batch in plan.Batches.Where(b => !b[0].Backfill || bulk > 0))
            {
                bulk -= batch[0].Backfill ? 1 : 0;
                await AddBatchAsync(subscription, dataType, [.. batch.Select(c => byId[c.Id])], cancellationToken);
            }

            await db.SaveChangesAsync(cancellationToken);
            var moreAtOnce = all == MostAtOnce && bulk > 0 && (plan.Batches.Count + plan.Blocked.Count > 0 || pending.Count < all);
            lookAgain = new[] { lookAgain, plan.LookAgainAt, moreAtOnce ? time.GetUtcNow() : null }.Min();
        }

        return lookAgain;
    }

    // None while enough wait for a slot; then as many as to have twice as many as run at once. Each batch that ends wakes the planner.
    private async Task<int> BulkThatMayBePlannedAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var planned = await db.BatchExecutions.CountAsync(b => b.SubscriptionId == subscription.Id && b.State == BatchState.Planned, cancellationToken);
        return planned < subscription.ConcurrentBatchExecutions ? (2 * subscription.ConcurrentBatchExecutions) - planned : 0;
    }

    // Two queries, each of which finds its rows in order in an index, however many others wait.
    private async Task<List<Transfer>> PendingAsync(Subscription subscription, DataType dataType, bool liveOnly, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ofType = db.Transfers.Where(t => t.SubscriptionId == subscription.Id && t.DataType == dataType && (!liveOnly || !t.Backfill));
        var pending = await ofType.Where(t => t.State == TransferState.Pending)
            .OrderBy(t => t.Backfill).ThenBy(t => t.PendingSince).Take(MostAtOnce).ToListAsync(cancellationToken);
        var due = await ofType.Where(t => t.State == TransferState.Postponed && t.DueAt <= now)
            .OrderBy(t => t.DueAt).Take(MostAtOnce - pending.Count).ToListAsync(cancellationToken);
        return [.. pending, .. due];
    }

    private async Task AddBatchAsync(Subscription subscription, DataType dataType, List<Transfer> transfers, CancellationToken cancellationToken)
    {
        // The batch goes on in the trace of the request that changed its first record, and links to the others'.
        using var activity = Source.StartActivity(ActivityKind.Internal, ActivityContext.TryParse(transfers[0].TraceParent, null, out var parent) ? parent : default,
            links: transfers.Skip(1).Select(t => t.TraceParent).Distinct()
                .Select(t => ActivityContext.TryParse(t, null, out var linked) ? new ActivityLink(linked) : (ActivityLink?)null).OfType<ActivityLink>(),
            name: "plan batch execution");
        var batch = new BatchExecution
        {
            Id = NewId.NextGuid(),
            SubscriptionId = subscription.Id,
            DataType = dataType,
            Records = transfers.Count,
            Backfill = transfers[0].Backfill,
            PlannedAt = time.GetUtcNow(),
        };
        batch.OrderJson = await BatchOrders.MakeAsync(db, subscription, batch, transfers, cancellationToken);
        db.BatchExecutions.Add(batch);
        foreach (var transfer in transfers)
            transfer.Run(batch.Id, time.GetUtcNow());
        await outbox.SendAsync(
            new RunBatchExecution { BatchId = batch.Id, SubscriptionId = subscription.Id },
            MessageIds.For(batch.Id, "run"), queue: SubscriptionQueues.NameOf(subscription.Id), cancellationToken: cancellationToken);
        Planned(log, batch.Id, subscription.Id, dataType, transfers.Count);
    }

    private static Problem WhySkipped(Transfer transfer, Subscription subscription) => new()
    {
        Message = $"Transactions of type {transfer.TransactionType} do not transfer, only {string.Join(", ", subscription.TransactionTypes)}. "
            + "Add the type to Transaction Types in the subscription's settings if it should.",
        Field = "type",
        Value = transfer.TransactionType,
    };

    private static Problem WhyBlocked(Blocked blocked)
    {
        var what = blocked.By.Replace("/", " ", StringComparison.Ordinal);
        return new Problem
        {
            Message = blocked.Why == ReferenceState.Missing
                ? $"{what} is not in the hub. Send it to the hub; this transfer then goes on by itself."
                : $"{what} is parked. Settle that first; this transfer then goes on by itself.",
            Field = blocked.By.Split('/')[0],
            Value = blocked.By[(blocked.By.IndexOf('/', StringComparison.Ordinal) + 1)..],
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Batch execution {BatchId} of subscription {SubscriptionId} planned: {Records} records, {DataType}")]
    private static partial void Planned(ILogger log, Guid batchId, Guid subscriptionId, DataType dataType, int records);

    [LoggerMessage(Level = LogLevel.Information, Message = "Transaction {TransactionId} skipped: its type {TransactionType} does not transfer, tracking id {TrackingId}")]
    private static partial void Skipped(ILogger log, string transactionId, string transactionType, string trackingId);
}
