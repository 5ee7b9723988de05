using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.Records;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>A batch execution as the API shows it.</summary>
public sealed record BatchExecutionView(
    Guid Id, string DataType, string State, int Records, bool Backfill, DateTimeOffset PlannedAt, int? SlotNumber, DateTimeOffset? SlotTakenAt,
    DateTimeOffset? SlotFreedAt, int Transferred, int Skipped, int Postponed, int Parked);

internal static class BatchExecutionEndpoints
{
    public static void MapBatchExecutions(this RouteGroupBuilder subscription) =>
        subscription.MapGet("/batch-executions", ListAsync).Produces<Page<BatchExecutionView>>().ProducesValidationProblem();

    private static async Task<IResult> ListAsync(Guid subscriptionId, HubDb db, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        if (Paging.Read(page, pageSize, errors) is not { } p)
            return Refusals.Fields(errors);
        var all = db.BatchExecutions.AsNoTracking().Where(b => b.SubscriptionId == subscriptionId);
        var items = await all.OrderByDescending(b => b.PlannedAt).Skip(p.Skip).Take(p.Size).ToListAsync(cancellationToken);
        return Results.Ok(new Page<BatchExecutionView>(items.ConvertAll(Show), p.Number, p.Size, await all.CountAsync(cancellationToken)));
    }

    private static BatchExecutionView Show(BatchExecution b) => new(
        b.Id, RecordKind.Of(b.DataType).Name, b.State.ToString().ToLowerInvariant(), b.Records, b.Backfill, b.PlannedAt, b.SlotNumber,
        b.SlotTakenAt, b.SlotFreedAt, b.Transferred, b.Skipped, b.Postponed, b.Parked);
}
