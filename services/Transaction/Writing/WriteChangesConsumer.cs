using HubSpotBus.Contracts.Transactions;
using HubSpotBus.HubSpot.Links;
using MassTransit;

namespace HubSpotBus.Transactions.Writing;

/// <summary>
/// Writes the orders or deals that changed since they were written, totals included, once their lines are right, and takes the mark
/// from those that were incomplete.
/// </summary>
public sealed class WriteChangesConsumer(WritingStep step, LinkedWriter writer, IncompleteMarks marks, TransactionDb db) : IConsumer<WriteChanges>
{
    public Task Consume(ConsumeContext<WriteChanges> context)
    {
        var order = context.Message;
        return step.RunAsync(context, order.BatchId, order.SubscriptionId, order.Attempt, async (saga, work) =>
        {
            var records = work.Writable().Select(t => TransactionRecords.RecordOf(t, saga.Target, work)).ToList();
            var scope = new LinkScope(order.SubscriptionId, saga.LinkRules(), context.MessageId!.Value);
            var outcomes = await writer.WriteAsync(
                db, scope, TransactionRecords.ObjectTypeOf(saga.Target), records, WriteMode.Write, context.CancellationToken);
            var dead = outcomes.Any(o => saga.MeetsDeadReference(o));
            foreach (var outcome in outcomes)
            {
                if (outcome.Transferred)
                    work.Written.Add(outcome.HubId);
                if (outcome.Problem is { } problem && !saga.MeetsDeadReference(outcome))
                    work.Park(outcome.HubId, [problem.ToProblem()]);
            }

            await marks.ClearAsync(saga, work, context.CancellationToken);
            return new ChangesWritten { BatchId = order.BatchId, SubscriptionId = order.SubscriptionId, Attempt = order.Attempt, DeadReferences = dead };
        });
    }
}
