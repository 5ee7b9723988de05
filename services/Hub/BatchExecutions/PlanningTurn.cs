using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>
/// The right to plan a subscription, one replica at a time: a transaction that holds the database's own lock, which a replica that dies
/// lets go. On SQLite there is one process, and its one loop needs no lock.
/// </summary>
internal sealed class PlanningTurn(IDbContextTransaction? transaction) : IAsyncDisposable
{
    /// <summary>Null when another replica plans it now.</summary>
    public static async Task<PlanningTurn?> TakeAsync(HubDb db, Guid subscriptionId, CancellationToken cancellationToken)
    {
        if (!db.Database.IsNpgsql())
            return new PlanningTurn(null);
        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var key = BitConverter.ToInt64(subscriptionId.ToByteArray(), 8);
        if (await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({key}) AS \"Value\"").SingleAsync(cancellationToken))
            return new PlanningTurn(transaction);
        await transaction.DisposeAsync();
        return null;
    }

    public Task CommitAsync(CancellationToken cancellationToken) => transaction?.CommitAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => transaction?.DisposeAsync() ?? ValueTask.CompletedTask;
}
