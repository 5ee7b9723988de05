using System.Linq.Expressions;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Tokens;

/// <summary>Pauses and resumes connections: row, fact and memory together.</summary>
public sealed partial class ConnectionHealth(
    IServiceScopeFactory scopes, LiveConnections connections, TimeProvider time, ILogger<ConnectionHealth> log)
{
    // Calls that were under way together hear of the same move up to HubSpot's longest answer apart.
    private static readonly TimeSpan _sameMove = TimeSpan.FromMinutes(2);

    /// <summary>Pauses the connection of that connect, unless it was connected anew meanwhile. Returns what the caller throws.</summary>
    public async Task<ConnectionPausedException> PauseAsync(
        LiveConnection connection, int attempt, ConnectionState state, string reason, DateTimeOffset? until, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var row = await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == connection.SubscriptionId, cancellation);
        if (row is not null && row.Attempt == attempt && row.State != ConnectionState.Disconnected && !IsSaid(row, state, until))
        {
            (row.State, row.Reason, row.Until) = (state, reason, until);
            if (state != ConnectionState.Moving)
                row.RefreshingUntil = null; // while the account moves, a refresh may be under way yet
            var fact = new ConnectionPaused { SubscriptionId = row.SubscriptionId, Reason = reason, Until = until, Attempt = row.Attempt };
            await scope.ServiceProvider.GetRequiredService<Outbox<AuthDb>>().PublishAsync(fact, cancellationToken: cancellation);
            if (await SavedAsync(db, cancellation))
                Paused(log, row.SubscriptionId, state, reason);
        }

        await connections.ReloadAsync(connection.SubscriptionId, cancellation);
        return new ConnectionPausedException(reason, until);
    }

    private bool IsSaid(Connection row, ConnectionState state, DateTimeOffset? until) =>
        row.State == state && (row.Until == until || (row.Until > time.GetUtcNow() && until < row.Until + _sameMove));

    /// <summary>The account has moved, or may have: calls go through again.</summary>
    public Task ResumeMovedAsync(Guid subscriptionId, DateTimeOffset now, CancellationToken cancellation) =>
        ResumeAsync(subscriptionId, c => c.State == ConnectionState.Moving && c.Until <= now, cancellation);

    /// <summary>The keys that were lost are back.</summary>
    public Task ResumeUnlockedAsync(Guid subscriptionId, CancellationToken cancellation) =>
        ResumeAsync(subscriptionId, c => c.State == ConnectionState.Revoked && c.Reason == TokenVault.KeysLost, cancellation);

    private async Task ResumeAsync(Guid subscriptionId, Expression<Func<Connection, bool>> stillSo, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        if (await db.Connections.Where(stillSo).SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, cancellation) is not { } row)
            return;
        (row.State, row.Reason, row.Until) = (ConnectionState.Connected, null, null);
        await scope.ServiceProvider.GetRequiredService<Outbox<AuthDb>>()
            .PublishAsync(new ConnectionResumed { SubscriptionId = subscriptionId, Attempt = row.Attempt }, cancellationToken: cancellation);
        if (await SavedAsync(db, cancellation))
            Resumed(log, subscriptionId);
        await connections.ReloadAsync(subscriptionId, cancellation);
    }

    // Somebody was quicker: their word stands, and memory is read again either way.
    private static async Task<bool> SavedAsync(AuthDb db, CancellationToken cancellation)
    {
        try
        {
            await db.SaveChangesAsync(cancellation);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection of {SubscriptionId} paused, {State}: {Reason}")]
    private static partial void Paused(ILogger log, Guid subscriptionId, ConnectionState state, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection of {SubscriptionId} resumed")]
    private static partial void Resumed(ILogger log, Guid subscriptionId);
}
