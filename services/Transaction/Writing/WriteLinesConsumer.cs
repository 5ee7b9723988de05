using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.Transactions.Transferring;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Transactions.Writing;

/// <summary>Creates new line items, writes changed ones, and then archives those that the hub no longer has. Ids of the rest stay.</summary>
public sealed class WriteLinesConsumer(WritingStep step, LinkedWriter writer, BatchWriter batches, TransactionDb db) : IConsumer<WriteLines>
{
    public Task Consume(ConsumeContext<WriteLines> context)
    {
        var order = context.Message;
        return step.RunAsync(context, order.BatchId, order.SubscriptionId, order.Attempt, async (saga, work) =>
        {
            var writable = work.Writable().ToList();
            var lines = writable.SelectMany(t => t.Lines.Select(l => (Transaction: t, Record: TransactionRecords.RecordOf(t, l, saga.Target, work)))).ToList();
            var transactionOf = lines.ToDictionary(l => l.Record.HubId, l => l.Transaction.Id);

            var outcomes = await writer.WriteAsync(db, order.SubscriptionId, saga.HubKey, ObjectTypes.LineItems, KeyProperties.Line,
                [.. lines.Select(l => l.Record)], WriteMode.Write, context.CancellationToken);
            foreach (var outcome in outcomes)
            {
                if (outcome.Result is LinkedResult.Created or LinkedResult.Updated)
                    work.Written.Add(transactionOf[outcome.HubId]);
                if (outcome.Problem is { } problem)
                    work.Park(transactionOf[outcome.HubId], [Incomplete(outcome.HubId, problem.ToProblem())]);
            }

            await ArchiveRemovedAsync(order.SubscriptionId, writable.Select(t => t.Id), [.. transactionOf.Keys], work, context.CancellationToken);
            return new LinesWritten { BatchId = order.BatchId, SubscriptionId = order.SubscriptionId, Attempt = order.Attempt };
        });
    }

    private async Task ArchiveRemovedAsync(
        Guid subscriptionId, IEnumerable<string> transactionIds, HashSet<string> kept, BatchWork work, CancellationToken cancellationToken)
    {
        var removed = new List<(string TransactionId, Link Link)>();
        foreach (var transactionId in transactionIds)
        {
            var prefix = TransactionRecords.LinesOf(transactionId);
            var links = await db.Links
                .Where(l => l.SubscriptionId == subscriptionId && l.ObjectType == ObjectTypes.LineItems && l.HubId.StartsWith(prefix))
                .ToListAsync(cancellationToken);
            removed.AddRange(links.Where(l => l.HubSpotId is not null && !kept.Contains(l.HubId)).Select(l => (transactionId, l)));
        }

        if (removed.Count == 0)
            return;
        await batches.ArchiveAsync(subscriptionId, ObjectTypes.LineItems, [.. removed.Select(r => r.Link.HubSpotId!)], cancellationToken);
        foreach (var (transactionId, link) in removed)
        {
            db.Links.Remove(link);
            work.Written.Add(transactionId);
        }
    }

    private static Problem Incomplete(string lineId, Problem problem) =>
        problem with { Message = $"The order is incomplete in HubSpot: line {lineId} was refused. {problem.Message}" };
}
