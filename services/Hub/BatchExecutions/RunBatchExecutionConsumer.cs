using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>
/// Runs a batch execution: takes a slot and sends the order that starts it in one short transaction, then waits until the outcome is
/// on the batch's row. No inbox, no outbox, no transaction around the wait; carried out again, it takes the same batch up again.
/// </summary>
internal sealed partial class RunBatchExecutionConsumer(IServiceScopeFactory scopes) : IConsumer<RunBatchExecution>
{
    // The outcome may be written by another replica, which cannot wake us.
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(2);

    public async Task Consume(ConsumeContext<RunBatchExecution> context)
    {
        await using var services = scopes.CreateAsyncScope();
        var time = services.ServiceProvider.GetRequiredService<TimeProvider>();
        var signals = services.ServiceProvider.GetRequiredService<BatchSignals>();
        var stopping = services.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var batchId = context.Message.BatchId;
        var run = new Run(batchId);
        var poll = ShortestPoll;
        while (!await StepAsync(run, context))
        {
            // Neither confirmed nor refused: another replica, or the next run, is handed the order and takes the same batch up again. The broker
            // is heeded after a look only, so that who stood still for long learns from its slot what became of it.
            context.CancellationToken.ThrowIfCancellationRequested();
            await signals.WaitAsync(batchId, poll, time, stopping);
            stopping.ThrowIfCancellationRequested();
            poll = poll * 1.5 < LongestPoll ? poll * 1.5 : LongestPoll;
        }

        signals.Forget(batchId);
    }

    /// <summary>Looks after the batch once. True when there is nothing left to look after, here, and the order is confirmed.</summary>
    private async Task<bool> StepAsync(Run run, ConsumeContext<RunBatchExecution> context)
    {
        await using var step = scopes.CreateAsyncScope();
        try
        {
            var cancellation = run.SlotToken is null ? context.CancellationToken : CancellationToken.None;
            if (!await LookAfterAsync(step.ServiceProvider, run, cancellation))
                return false;
            await step.ServiceProvider.GetRequiredService<DeliveredOrders>()
                .ConfirmAsync(context.MessageId!.Value, SubscriptionQueues.NameOf(context.Message.SubscriptionId), context.CancellationToken);
            return true;
        }
        catch (Exception failure) when (StoreFailures.IsConflict(failure) || StoreFailures.IsPassing(failure))
        {
            return false; // Somebody was quicker, or the database is away: look again.
        }
    }

    private static async Task<bool> LookAfterAsync(IServiceProvider services, Run run, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<HubDb>();
        var batch = await db.BatchExecutions.SingleOrDefaultAsync(b => b.Id == run.BatchId, cancellationToken);
        if (batch is null or { State: BatchState.Done })
            return true;
        var givingUp = services.GetRequiredService<GivingUp>();
        if (givingUp.IsDue(batch))
        {
            // Also one that lost its slot, and waits for another.
            await givingUp.GiveUpAsync(batch, run.SlotToken, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }

        if (run.SlotToken is not { } token)
        {
            run.SlotToken = await StartAsync(services, db, batch, cancellationToken);
            return false;
        }

        // Silent for longer than the lease, as a process that was stopped is: another replica runs the batch, and nothing here may write.
        if (!await services.GetRequiredService<Slots>().RenewAsync(run.BatchId, token, cancellationToken))
        {
            await db.Entry(batch).ReloadAsync(cancellationToken);
            if (batch.State != BatchState.Done)
                SlotLost(services.GetRequiredService<ILogger<RunBatchExecutionConsumer>>(), batch.SlotNumber, run.BatchId);
            return true;
        }

        return false;
    }

    /// <summary>Takes a slot and starts the batch; null when all are held.</summary>
    private static async Task<Guid?> StartAsync(IServiceProvider services, HubDb db, BatchExecution batch, CancellationToken cancellationToken)
    {
        if (await services.GetRequiredService<Slots>().TakeAsync(batch, cancellationToken) is not { } slot)
            return null;
        batch.State = BatchState.Running;
        var notAfter = batch.SlotTakenAt + services.GetRequiredService<IOptions<HubOptions>>().Value.BatchDeadline;
        await services.GetRequiredService<Outbox<HubDb>>().SendAsync(batch, notAfter, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return slot.Token;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A write with an old token is refused: slot {Slot} of batch execution {BatchId} was given "
        + "to another replica while this one stood still. Nothing of it is written here")]
    private static partial void SlotLost(ILogger log, int? slot, Guid batchId);

    /// <summary>One delivery of the order: what it knows of the batch.</summary>
    private sealed class Run(Guid batchId)
    {
        public Guid BatchId { get; } = batchId;

        public Guid? SlotToken { get; set; }
    }
}
