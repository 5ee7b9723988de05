using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Products;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.Hub.Records;
using HubSpotBus.Hub.Transfers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>Writes what became of a batch execution: the outcome of each transfer, the batch done, its slot free, all in one commit.</summary>
public sealed partial class RecordOutcomesConsumer : IConsumer<CustomersTransferred>, IConsumer<ProductsTransferred>, IConsumer<TransactionsTransferred>
{
    private readonly HubDb _db;
    private readonly Slots _slots;
    private readonly TimeProvider _time;
    private readonly TimeSpan _unit;
    private readonly BatchSignals _signals;
    private readonly PlanningSignal _planning;
    private readonly ILogger<RecordOutcomesConsumer> _log;

    public RecordOutcomesConsumer(IServiceProvider services, HubDb db, IOptions<HubOptions> options, TimeProvider time, ILogger<RecordOutcomesConsumer> log)
    {
        _db = db;
        _slots = services.GetRequiredService<Slots>();
        _signals = services.GetRequiredService<BatchSignals>();
        _planning = services.GetRequiredService<PlanningSignal>();
        _time = time;
        _unit = options.Value.RetryUnit;
        _log = log;
    }

    public Task Consume(ConsumeContext<CustomersTransferred> context) =>
        RecordAsync(context.Message.BatchId, context.Message.Outcomes, context.CancellationToken);

    public Task Consume(ConsumeContext<ProductsTransferred> context) =>
        RecordAsync(context.Message.BatchId, context.Message.Outcomes, context.CancellationToken);

    public Task Consume(ConsumeContext<TransactionsTransferred> context) =>
        RecordAsync(context.Message.BatchId, context.Message.Outcomes, context.CancellationToken);

    private async Task RecordAsync(Guid batchId, IReadOnlyList<TransferOutcome> outcomes, CancellationToken cancellationToken)
    {
        var batch = await _db.BatchExecutions.SingleOrDefaultAsync(b => b.Id == batchId, cancellationToken);
        if (batch is null)
            return; // Not one of this hub.
        using var scope = _log.BeginScope(new Dictionary<string, object> { ["SubscriptionId"] = batch.SubscriptionId, ["BatchId"] = batchId });
        var transfers = await _db.Transfers.Where(t => t.BatchId == batchId).ToDictionaryAsync(t => (t.DataType, t.RecordId), cancellationToken);
        // One moment for all: those that are tried again become due together, and go in one batch.
        var now = _time.GetUtcNow();
        foreach (var outcome in outcomes)
        {
            if (!transfers.TryGetValue((outcome.DataType, outcome.Id), out var transfer))
                continue; // It came along because others needed it.
            if (batch.State == BatchState.Done && outcome.Result == TransferResult.Postponed)
                continue; // The hub has given the batch up, and postponed it itself.
            transfer.End(outcome, _unit, now);
            Count(batch, outcome.Result);
            Ended(_log, outcome.DataType, outcome.Id, outcome.Result, outcome.HubSpotId, transfer.TrackingId);
        }

        await ReleaseWaitingForAsync(batch, transfers.Values, now, cancellationToken);
        if (batch.State != BatchState.Done)
        {
            batch.State = BatchState.Done;
            await _slots.FreeAsync(batch, null, cancellationToken);
        }

        batch.OrderJson = "";
        _db.SavedChanges += (_, _) =>
        {
            // After the commit, so that whoever wakes up finds it.
            _signals.Set(batchId);
            _planning.Set();
        };
    }

    /// <summary>What was parked because one of these was parked goes on now that it is in HubSpot.</summary>
    private async Task ReleaseWaitingForAsync(BatchExecution batch, IEnumerable<Transfer> ended, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var keys = ended.Where(t => t.State is TransferState.Transferred or TransferState.Skipped).Select(t => References.To(t.DataType, t.RecordId)).ToList();
        var skus = batch.DataType == DataType.Product ? await SkusOfAsync(batch, ended, cancellationToken) : [];
        keys.AddRange(skus.Select(s => References.SkuPrefix + s));
        var blocked = await _db.Transfers
            .Where(t => t.SubscriptionId == batch.SubscriptionId && t.State == TransferState.Parked && t.BlockedBy != null && keys.Contains(t.BlockedBy))
            .ToListAsync(cancellationToken);
        foreach (var transfer in blocked)
            transfer.Release(now);
    }

    private async Task<List<string>> SkusOfAsync(BatchExecution batch, IEnumerable<Transfer> ended, CancellationToken cancellationToken)
    {
        var companyId = await _db.Subscriptions.IgnoreQueryFilters().Where(s => s.Id == batch.SubscriptionId).Select(s => s.CompanyId)
            .SingleAsync(cancellationToken);
        var products = ended.Where(t => t.State is TransferState.Transferred or TransferState.Skipped).Select(t => t.RecordId).ToList();
        return await _db.Skus.Where(s => s.CompanyId == companyId && products.Contains(s.ProductId)).Select(s => s.Value).ToListAsync(cancellationToken);
    }

    private static void Count(BatchExecution batch, TransferResult result)
    {
        switch (result)
        {
            case TransferResult.Transferred: batch.Transferred++; break;
            case TransferResult.Unchanged: batch.Skipped++; break;
            case TransferResult.Postponed: batch.Postponed++; break;
            default: batch.Parked++; break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{DataType} {RecordId}: {Result}, {HubSpotId} in HubSpot, tracking id {TrackingId}")]
    private static partial void Ended(ILogger log, DataType dataType, string recordId, TransferResult result, string? hubSpotId, string trackingId);
}
