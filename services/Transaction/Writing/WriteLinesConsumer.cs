using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.Transactions.Transferring;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Transactions.Writing;

/// <summary>
/// Creates new line items, writes changed ones, and then archives those that the hub no longer has. Ids of the rest stay. A transaction of
/// which a line is refused is marked as incomplete.
/// </summary>
public sealed class WriteLinesConsumer(WritingStep step, LinkedWriter writer, BatchWriter batches, IncompleteMarks marks, TransactionDb db)
    : IConsumer<WriteLines>
{
    public Task Consume(ConsumeContext<WriteLines> context)
    {
        var order = context.Message;
        return step.RunAsync(context, order.BatchId, order.SubscriptionId, order.Attempt, async (saga, work) =>
        {
            var writable = work.Writable().ToList();
            var lines = writable.SelectMany(t => t.Lines.Select(l => (Transaction: t, Line: l, Record: TransactionRecords.RecordOf(t, l, saga.Target, work)))).ToList();
            var transactionOf = lines.ToDictionary(l => l.Record.HubId, l => l.Transaction.Id);
            var lineOf = lines.ToDictionary(l => l.Record.HubId, l => l.Line.Id);

            var scope = new LinkScope(order.SubscriptionId, saga.LinkRules(), context.MessageId!.Value);
            var outcomes = await writer.WriteAsync(db, scope, ObjectTypes.LineItems, [.. lines.Select(l => l.Record)], WriteMode.Write, context.CancellationToken);
            var dead = outcomes.Any(o => saga.MeetsDeadReference(o));
            foreach (var outcome in outcomes)
            {
                if (outcome.Transferred)
                    work.Written.Add(transactionOf[outcome.HubId]);
                if (outcome.Problem is { } problem && !saga.MeetsDeadReference(outcome))
                    work.Park(transactionOf[outcome.HubId], [Incomplete(lineOf[outcome.HubId], problem.ToProblem())]);
            }

            await marks.SetAsync(saga, work, writable.Where(t => work.Problems.ContainsKey(t.Id))
                .ToDictionary(t => t.Id, t => string.Join(" ", work.Problems[t.Id].Select(p => p.Message))), context.CancellationToken);
            await ArchiveRemovedAsync(saga, scope, writable.ToDictionary(t => t.Id, t => t.Version), [.. transactionOf.Keys], work, context.CancellationToken);
            return new LinesWritten { BatchId = order.BatchId, SubscriptionId = order.SubscriptionId, Attempt = order.Attempt, DeadReferences = dead };
        });
    }

    private async Task ArchiveRemovedAsync(
        TransactionTransferState saga, LinkScope scope, Dictionary<string, long> versionOf, HashSet<string> kept, BatchWork work, CancellationToken cancellationToken)
    {
        List<string?> transactionIds = [.. versionOf.Keys];
        var links = await db.Links
            .Where(l => l.SubscriptionId == saga.SubscriptionId && l.ObjectType == ObjectTypes.LineItems && transactionIds.Contains(l.PartOf))
            .ToListAsync(cancellationToken);

        // A line of a newer version than ours is not one that the hub removed.
        var removed = links.Where(l => !kept.Contains(l.HubId) && l.HubVersion <= versionOf[l.PartOf!]).ToList();
        if (removed.Count == 0)
            return;
        var ids = removed.Select(l => l.HubSpotId).OfType<string>().ToList();

        // Begun, never heard of again, and removed in the hub meanwhile: HubSpot may have it.
        var found = await writer.FindBegunAsync(db, scope, ObjectTypes.LineItems, removed.FindAll(l => l.HubSpotId is null), cancellationToken);
        await batches.ArchiveAsync(saga.SubscriptionId, ObjectTypes.LineItems, [.. ids, .. found], cancellationToken);
        db.Links.RemoveRange(removed);
        work.Written.UnionWith(removed.Select(l => l.PartOf!));
    }

    private static Problem Incomplete(string lineId, Problem problem) =>
        problem with { Message = $"It is incomplete in HubSpot: line {lineId} was refused. {problem.Message}" };
}
