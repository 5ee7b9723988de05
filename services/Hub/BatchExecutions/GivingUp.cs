using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Transfers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>Gives up a batch execution that has not ended by its deadline: what is unfinished is postponed, and its slot is free.</summary>
internal sealed class GivingUp(HubDb db, Slots slots, IOptions<HubOptions> options, TimeProvider time)
{
    private static readonly Problem Reason = new()
    {
        Message = "The batch execution was not done within its deadline; what was unfinished is tried again later.",
    };

    /// <summary>Begun so long ago that nothing of it can be under way any more.</summary>
    public bool IsDue(BatchExecution batch) => batch.SlotTakenAt < BegunBefore;

    /// <summary>What was begun before this is given up.</summary>
    public DateTimeOffset BegunBefore => time.GetUtcNow() - options.Value.BatchDeadline - options.Value.LastCall;

    /// <summary>The caller saves. Nothing is given up by a holder that has lost its slot; without a token there is none to lose.</summary>
    public async Task GiveUpAsync(BatchExecution batch, Guid? token, CancellationToken cancellationToken)
    {
        if (!await slots.FreeAsync(batch, token, cancellationToken))
            return;
        var now = time.GetUtcNow();
        foreach (var transfer in await db.Transfers.Where(t => t.BatchId == batch.Id && t.State == TransferState.Running).ToListAsync(cancellationToken))
        {
            transfer.Postpone([Reason], options.Value.RetryUnit, now);
            batch.Postponed++;
        }

        batch.State = BatchState.Done;
    }
}
