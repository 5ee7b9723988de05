using HubSpotBus.Contracts.Transactions;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.Transactions.Transferring;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Transactions.Writing;

/// <summary>What the steps of writing share: load the batch, write, keep what came of it, and say so; or say that HubSpot was out of reach.</summary>
public sealed class WritingStep(TransactionDb db, TimeProvider time, ILogger<WritingStep> log)
{
    public async Task RunAsync<TDone>(
        ConsumeContext context, Guid batchId, Guid subscriptionId, int attempt, Func<TransactionTransferState, BatchWork, Task<TDone>> write)
        where TDone : class
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["SubscriptionId"] = subscriptionId, ["BatchId"] = batchId });
        var saga = await db.Transfers.AsNoTracking().SingleOrDefaultAsync(s => s.CorrelationId == batchId, context.CancellationToken);
        var batch = await db.Batches.SingleOrDefaultAsync(b => b.BatchId == batchId, context.CancellationToken);
        if (saga is null || batch is null)
            return; // The saga is done already; this order is a late duplicate.
        try
        {
            using var calls = CallScope.OfStep(attempt, saga.Backfill, saga.NotAfter, time);
            var done = await write(saga, batch.Work());
            batch.KeepWork();
            await context.Publish(done, context.CancellationToken);
        }
        catch (HubSpotException failure) when (failure.MayBeTriedAgain)
        {
            await context.Publish(
                new WritingFailed
                {
                    BatchId = batchId,
                    SubscriptionId = subscriptionId,
                    Attempt = attempt,
                    Reason = failure.Message,
                    RetryAfter = failure.RetryAfter,
                },
                context.CancellationToken);
        }
    }
}

internal static class Problems
{
    /// <summary>True when the record was refused for something that HubSpot no longer has, and the batch has not been done again for that yet.</summary>
    public static bool MeetsDeadReference(this TransactionTransferState saga, LinkedOutcome outcome) =>
        !saga.Again && outcome.Problem is { Kind: ProblemKind.DeadReference };
}
