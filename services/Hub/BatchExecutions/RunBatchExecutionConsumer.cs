using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>
/// Runs a batch execution: takes a slot and sends the order that starts it in one short transaction, then waits until the outcome is
/// on the batch's row. No inbox, no outbox, no transaction around the wait; carried out again, it takes the same batch up again.
/// </summary>
internal sealed class RunBatchExecutionConsumer(IServiceScopeFactory scopes) : IConsumer<RunBatchExecution>
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    public async Task Consume(ConsumeContext<RunBatchExecution> context)
    {
        await using var services = scopes.CreateAsyncScope();
        var time = services.ServiceProvider.GetRequiredService<TimeProvider>();
        var signals = services.ServiceProvider.GetRequiredService<BatchSignals>();
        var deadline = time.GetUtcNow() + services.ServiceProvider.GetRequiredService<IOptions<HubOptions>>().Value.BatchDeadline;
        var stopping = services.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var batchId = context.Message.BatchId;
        Guid? token = null;
        while (true)
        {
            await using var step = scopes.CreateAsyncScope();
            var db = step.ServiceProvider.GetRequiredService<HubDb>();
            var batch = await db.BatchExecutions.SingleOrDefaultAsync(b => b.Id == batchId, context.CancellationToken);
            if (batch is null or { State: BatchState.Done })
                break;
            if (token is null)
                token = await StartAsync(step.ServiceProvider, db, batch, context.CancellationToken);
            else if (time.GetUtcNow() >= deadline)
                await GiveUpAsync(step.ServiceProvider, db, batch, context.CancellationToken);
            else
                await step.ServiceProvider.GetRequiredService<Slots>().RenewAsync(batchId, token.Value, context.CancellationToken);
            if (batch.State == BatchState.Done)
                continue;
            await signals.WaitAsync(batchId, Poll, time, stopping);
            if (stopping.IsCancellationRequested)
                return; // Not confirmed: the next run is handed the order again, and takes the same batch up again.
        }

        signals.Forget(batchId);
        await services.ServiceProvider.GetRequiredService<DeliveredOrders>()
            .ConfirmAsync(context.MessageId!.Value, SubscriptionQueues.NameOf(context.Message.SubscriptionId), context.CancellationToken);
    }

    /// <summary>Takes a slot and starts the batch; null when there was none, or somebody else was quicker.</summary>
    private static async Task<Guid?> StartAsync(IServiceProvider services, HubDb db, BatchExecution batch, CancellationToken cancellationToken)
    {
        try
        {
            if (await services.GetRequiredService<Slots>().TakeAsync(batch, cancellationToken) is not { } slot)
                return null;
            batch.State = BatchState.Running;
            await services.GetRequiredService<Outbox<HubDb>>().SendAsync(batch, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            return slot.Token;
        }
        catch (DbUpdateException)
        {
            return null;
        }
    }

    private static async Task GiveUpAsync(IServiceProvider services, HubDb db, BatchExecution batch, CancellationToken cancellationToken)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var unit = services.GetRequiredService<IOptions<HubOptions>>().Value.RetryUnit;
        var reason = new Problem { Message = "The batch execution was not done within its deadline; what was unfinished is tried again later." };
        foreach (var transfer in await db.Transfers.Where(t => t.BatchId == batch.Id && t.State == TransferState.Running).ToListAsync(cancellationToken))
        {
            transfer.Postpone([reason], unit, now);
            batch.Postponed++;
        }

        batch.State = BatchState.Done;
        await services.GetRequiredService<Slots>().FreeAsync(batch, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
    }
}
