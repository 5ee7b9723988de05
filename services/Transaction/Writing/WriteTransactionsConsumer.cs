using HubSpotBus.Contracts.Transactions;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.Transactions.Transferring;
using MassTransit;

namespace HubSpotBus.Transactions.Writing;

/// <summary>Creates the batch's orders or deals that HubSpot does not have yet. What cannot be whole is not begun.</summary>
public sealed partial class WriteTransactionsConsumer(WritingStep step, LinkedWriter writer, TransactionDb db, ILogger<WriteTransactionsConsumer> log)
    : IConsumer<WriteTransactions>
{
    public Task Consume(ConsumeContext<WriteTransactions> context)
    {
        var order = context.Message;
        return step.RunAsync(context, order.BatchId, order.SubscriptionId, order.Attempt, async (saga, work) =>
        {
            Outcomes.ParkWhatLacksAReference(work);
            var records = work.Writable().Select(t => TransactionRecords.RecordOf(t, saga.Target, work)).ToList();
            var scope = new LinkScope(order.SubscriptionId, saga.LinkRules(), context.MessageId!.Value);
            var outcomes = await writer.WriteAsync(db, scope, TransactionRecords.ObjectTypeOf(saga.Target), records,
                saga.Again ? WriteMode.Verify : WriteMode.EnsureExists, context.CancellationToken);
            var dead = outcomes.Any(o => saga.MeetsDeadReference(o));
            foreach (var outcome in outcomes)
            {
                if (outcome.HubSpotId is { } id)
                    work.HubSpotIds[outcome.HubId] = id;
                if (outcome.Transferred)
                    work.Written.Add(outcome.HubId);
                if (outcome.Problem is { } problem && !saga.MeetsDeadReference(outcome))
                    work.Park(outcome.HubId, [problem.ToProblem()]);
            }

            foreach (var requested in work.Requested.Where(r => work.Written.Contains(r.Id)))
                Created(log, requested.Id, work.HubSpotIds[requested.Id], requested.TrackingId);
            return new TransactionsWritten { BatchId = order.BatchId, SubscriptionId = order.SubscriptionId, Attempt = order.Attempt, DeadReferences = dead };
        });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Transaction {TransactionId} is {HubSpotId} in HubSpot, tracking id {TrackingId}")]
    private static partial void Created(ILogger log, string transactionId, string hubSpotId, string trackingId);
}
