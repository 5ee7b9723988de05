using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Transactions.Transferring;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using LinkOptions = HubSpotBus.HubSpot.Links.LinkOptions;

namespace HubSpotBus.Transactions.Writing;

/// <summary>An order or deal that is marked as incomplete in HubSpot.</summary>
public sealed class IncompleteMark : IVersioned
{
    public required Guid SubscriptionId { get; set; }

    /// <summary>HubSpot object type.</summary>
    public required string ObjectType { get; set; }

    /// <summary>Hub id.</summary>
    public required string TransactionId { get; set; }

    /// <summary>When it was sent, at the latest; HubSpot may carry that out once more some seconds later. Null where it must long be over.</summary>
    public DateTimeOffset? SentAt { get; set; }

    public int Version { get; set; }
}

/// <summary>
/// Says in HubSpot which orders or deals lack lines, so that nobody takes a part for the whole, and takes it back once they are whole.
/// The property is made when it is first needed: most accounts never see it.
/// </summary>
public sealed partial class IncompleteMarks(
    BatchWriter batches, AccountSchema account, OwnProperties own, TransactionDb db, IOptions<LinkOptions> options, TimeProvider time, ILogger<IncompleteMarks> log)
{
    private const int Longest = 1000;

    /// <summary>Marks them, with the reason; one call, the first time in an account four.</summary>
    /// <param name="saga">The saga.</param>
    /// <param name="work">Its work.</param>
    /// <param name="reasons">Why, by hub id.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SetAsync(TransactionTransferState saga, BatchWork work, IReadOnlyDictionary<string, string> reasons, CancellationToken cancellationToken)
    {
        if (reasons.Count == 0)
            return;
        var objectType = TransactionRecords.ObjectTypeOf(saga.Target);
        var marks = reasons.Select(r => Mark(saga, work, r.Key, r.Value.Length <= Longest ? r.Value : r.Value[..Longest])).ToList();
        var written = await WriteAsync(saga, objectType, marks, cancellationToken);
        if (written.Any(w => w.Problem is { Category: "PROPERTY_DOESNT_EXIST" }) && await MakePropertyAsync(saga.SubscriptionId, objectType, cancellationToken))
        {
            written = await WriteAsync(saga, objectType, marks, cancellationToken);

            // A new property can be written after a moment only.
            if (written.Any(w => w.Problem is { Category: "PROPERTY_DOESNT_EXIST" }))
                throw new HubSpotUnavailableException($"its new property {OwnProperties.Incomplete} is not there yet", TimeSpan.FromSeconds(1));
        }

        var known = await MarksAsync(saga, reasons.Keys, cancellationToken);
        foreach (var (id, mark) in reasons.Keys.Zip(written))
        {
            if (mark.Problem is { } problem)
                NotMarked(log, id, problem.PlainWords);
            else
                (known.Find(k => k.TransactionId == id) ?? New(id)).SentAt = time.GetUtcNow();
        }

        IncompleteMark New(string id) => db.Add(new IncompleteMark { SubscriptionId = saga.SubscriptionId, ObjectType = objectType, TransactionId = id }).Entity;
    }

    /// <summary>Takes the mark from those that are whole now; a call where there is one to take, else none.</summary>
    public async Task ClearAsync(TransactionTransferState saga, BatchWork work, CancellationToken cancellationToken)
    {
        var marked = await MarksAsync(saga, work.Writable().Select(t => t.Id), cancellationToken);
        if (marked.Count == 0)
            return;
        await LateWrites.UntilOverAsync(marked.Max(m => m.SentAt), options.Value.SettleTime, time, cancellationToken);
        var written = await WriteAsync(
            saga, TransactionRecords.ObjectTypeOf(saga.Target), [.. marked.Select(m => Mark(saga, work, m.TransactionId, ""))], cancellationToken);
        foreach (var (mark, outcome) in marked.Zip(written))
        {
            if (outcome.Problem is { } problem)
            {
                NotCleared(log, mark.TransactionId, problem.PlainWords);
                continue;
            }

            db.Remove(mark);
            work.Written.Add(mark.TransactionId);
        }
    }

    private Task<List<IncompleteMark>> MarksAsync(TransactionTransferState saga, IEnumerable<string> transactionIds, CancellationToken cancellationToken)
    {
        var (ids, objectType) = (transactionIds.ToList(), TransactionRecords.ObjectTypeOf(saga.Target));
        return db.IncompleteMarks
            .Where(m => m.SubscriptionId == saga.SubscriptionId && m.ObjectType == objectType && ids.Contains(m.TransactionId))
            .ToListAsync(cancellationToken);
    }

    private Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        TransactionTransferState saga, string objectType, IReadOnlyList<RecordWrite> marks, CancellationToken cancellationToken) =>
        batches.UpdateAsync(saga.SubscriptionId, objectType, KeyProperties.Transaction, marks, cancellationToken);

    private async Task<bool> MakePropertyAsync(Guid subscriptionId, string objectType, CancellationToken cancellationToken)
    {
        try
        {
            var known = await account.PropertiesAsync(subscriptionId, objectType, cancellationToken);
            await own.CreateIncompleteAsync(subscriptionId, objectType, known, cancellationToken);
            return true;
        }
        catch (HubSpotRejectedException refused)
        {
            NoProperty(log, subscriptionId, OwnProperties.Incomplete, refused.Message);
            return false;
        }
    }

    private static RecordWrite Mark(TransactionTransferState saga, BatchWork work, string transactionId, string reason) => new(
        KeyProperties.Value(saga.HubKey, transactionId),
        new Dictionary<string, string> { [OwnProperties.Incomplete] = reason },
        work.HubSpotIds[transactionId]);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Transaction {TransactionId} is incomplete in HubSpot and could not be marked so: {Reason}")]
    private static partial void NotMarked(ILogger log, string transactionId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Transaction {TransactionId} is complete in HubSpot, but its mark could not be taken back: {Reason}")]
    private static partial void NotCleared(ILogger log, string transactionId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "HubSpot refused subscription {SubscriptionId} the property {Property}: {Reason}")]
    private static partial void NoProperty(ILogger log, Guid subscriptionId, string property, string reason);
}
