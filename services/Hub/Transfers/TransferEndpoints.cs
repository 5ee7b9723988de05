using HubSpotBus.Contracts.Records;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.Records;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.Transfers;

/// <summary>A transfer as the API shows it.</summary>
public sealed record TransferView(
    Guid Id, string DataType, string RecordId, string State, long RecordVersion, long DoneVersion, int Attempts, DateTimeOffset DueAt,
    string? HubSpotId, Guid? BatchId, string TrackingId, DateTimeOffset UpdatedAt, IReadOnlyList<Problem> Problems)
{
    internal static TransferView Of(Transfer t) => new(
        t.Id, RecordKind.Of(t.DataType).Name, t.RecordId, t.State.ToString().ToLowerInvariant(), t.RecordVersion, t.DoneVersion, t.Attempts,
        t.DueAt, t.HubSpotId, t.BatchId, t.TrackingId, t.UpdatedAt, t.Problems);
}

/// <summary>How many transfers stand how, by data type and state.</summary>
public sealed record SummaryView(IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Transfers);

/// <summary>Which parked or postponed transfers to try again: by id, or all.</summary>
public sealed record RetryRequest
{
    /// <summary>Ids of transfers.</summary>
    public IReadOnlyList<Guid> Ids { get; init; } = [];

    /// <summary>True for all that are parked or postponed.</summary>
    public bool All { get; init; }
}

/// <summary>How many transfers became pending.</summary>
public sealed record PendingView(int Pending);

/// <summary>See transfers, try again by hand, begin with what the hub has already.</summary>
internal static class TransferEndpoints
{
    private const int Chunk = 500;

    public static void MapTransfers(this RouteGroupBuilder subscription)
    {
        subscription.MapGet("/transfers", ListAsync).Produces<Page<TransferView>>().ProducesValidationProblem();
        subscription.MapGet("/summary", SummaryAsync);
        subscription.MapPost("/transfers/retry", RetryAsync).Accepts<RetryRequest>("application/json").Produces<PendingView>().ProducesValidationProblem();
        subscription.MapPost("/initialise", InitialiseAsync);
    }

    private static async Task<IResult> ListAsync(
        Guid subscriptionId, HubDb db, string? state, string? dataType, string? recordId, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        var kind = dataType is null ? null : RecordKind.Of(dataType);
        errors.Check(dataType is null || kind is not null, "dataType", $"One of {string.Join(", ", RecordKind.Names)}.");
        var wanted = TransferState.Pending;
        errors.Check(state is null || Enum.TryParse(state, ignoreCase: true, out wanted), "state",
            $"One of {string.Join(", ", Enum.GetNames<TransferState>().Select(n => n.ToLowerInvariant()))}.");
        if (Paging.Read(page, pageSize, errors) is not { } p)
            return Refusals.Fields(errors);
        var found = db.Transfers.Where(t => t.SubscriptionId == subscriptionId
            && (state == null || t.State == wanted) && (kind == null || t.DataType == kind.DataType) && (recordId == null || t.RecordId == recordId));
        var items = await found.OrderBy(t => t.Id).Skip(p.Skip).Take(p.Size).ToListAsync(cancellationToken);
        return Results.Ok(new Page<TransferView>(items.ConvertAll(TransferView.Of), p.Number, p.Size, await found.CountAsync(cancellationToken)));
    }

    private static async Task<SummaryView> SummaryAsync(Guid subscriptionId, HubDb db, CancellationToken cancellationToken)
    {
        var counts = await db.Transfers.Where(t => t.SubscriptionId == subscriptionId)
            .GroupBy(t => new { t.DataType, t.State })
            .Select(g => new { g.Key.DataType, g.Key.State, Count = g.Count() })
            .ToListAsync(cancellationToken);
        return new SummaryView(counts.GroupBy(c => c.DataType).ToDictionary(
            g => RecordKind.Of(g.Key).Name,
            IReadOnlyDictionary<string, int> (g) => g.ToDictionary(c => c.State.ToString().ToLowerInvariant(), c => c.Count)));
    }

    private static async Task<IResult> RetryAsync(
        Guid subscriptionId, HttpRequest request, HubDb db, TimeProvider time, PlanningSignal planning, CancellationToken cancellationToken)
    {
        var errors = new Errors();
        var wanted = await JsonBody.ReadAsync<RetryRequest>(request, errors);
        if (wanted is not null)
            errors.Check(wanted.All || wanted.Ids.Count is > 0 and <= Chunk, "ids", $"1 to {Chunk} ids of transfers, or \"all\": true.");
        if (errors.Any)
            return Refusals.Fields(errors);
        var ids = wanted!.Ids;
        var released = 0;
        for (List<Transfer> part; (part = await PartToRetryAsync(db, subscriptionId, wanted!, cancellationToken)).Count > 0; released += part.Count)
        {
            foreach (var transfer in part)
            {
                transfer.Release(time.GetUtcNow());
                transfer.Backfill |= wanted.All; // However many there are, no live change waits behind them.
            }

            await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }

        db.Log(await db.Subscriptions.SingleAsync(s => s.Id == subscriptionId, cancellationToken), time, $"{released} transfers retried by hand");
        await db.SaveChangesAsync(cancellationToken);
        planning.Set();
        return Results.Ok(new PendingView(released));
    }

    private static Task<List<Transfer>> PartToRetryAsync(HubDb db, Guid subscriptionId, RetryRequest wanted, CancellationToken cancellationToken) =>
        db.Transfers
            .Where(t => t.SubscriptionId == subscriptionId && (t.State == TransferState.Parked || t.State == TransferState.Postponed)
                && (wanted.All || wanted.Ids.Contains(t.Id)))
            .OrderBy(t => t.Id).Take(Chunk).ToListAsync(cancellationToken);

    /// <summary>Makes a pending transfer for every record of the hub that has none yet, a part at a time: there may be a million.</summary>
    private static async Task<PendingView> InitialiseAsync(
        Guid companyId, Guid subscriptionId, HubDb db, TimeProvider time, PlanningSignal planning, CancellationToken cancellationToken)
    {
        var subscription = await db.Subscriptions.AsNoTracking().SingleAsync(s => s.Id == subscriptionId, cancellationToken);
        var made = 0;
        foreach (var dataType in Enum.GetValues<DataType>().Where(subscription.Flows))
        {
            var after = "";
            for (List<HubRecord> part; (part = await PartWithoutTransferAsync(db, companyId, subscriptionId, dataType, after, cancellationToken)).Count > 0;)
            {
                (after, made) = (part[^1].RecordId, made + part.Count);
                foreach (var record in part)
                {
                    var transfer = new Transfer
                    {
                        Id = NewId.NextGuid(), SubscriptionId = subscriptionId, DataType = dataType, RecordId = record.RecordId, Backfill = true,
                    };
                    transfer.Want(record, RecordKind.Of(dataType).Read(record.Json, new Errors())!, bulk: true, null, time.GetUtcNow());
                    db.Transfers.Add(transfer);
                }

                await db.SaveChangesAsync(cancellationToken);
                db.ChangeTracker.Clear();
                planning.Set();
            }
        }

        db.Log(subscription, time, $"initialised: {made} transfers");
        await db.SaveChangesAsync(cancellationToken);
        return new PendingView(made);
    }

    private static Task<List<HubRecord>> PartWithoutTransferAsync(
        HubDb db, Guid companyId, Guid subscriptionId, DataType dataType, string after, CancellationToken cancellationToken) =>
        db.Records.AsNoTracking()
            .Where(r => r.CompanyId == companyId && r.DataType == dataType && string.Compare(r.RecordId, after) > 0
                && !db.Transfers.Any(t => t.SubscriptionId == subscriptionId && t.DataType == r.DataType && t.RecordId == r.RecordId))
            .OrderBy(r => r.RecordId).Take(Chunk).ToListAsync(cancellationToken);
}
