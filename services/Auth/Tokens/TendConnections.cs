using System.Security.Cryptography;
using HubSpotBus.Auth.Egress;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Tokens;

/// <summary>
/// Looks after connections that nobody uses at the moment: refreshes tokens before they expire (a dead grant is noticed early),
/// resumes accounts that have been moved, tries again where the app's credentials were wrong, and gives grants back that HubSpot has not taken yet. At its start it looks whether the keys
/// still open the tokens, so that lost ones are told at once.
/// </summary>
public sealed partial class TendConnections(
    IServiceScopeFactory scopes, LiveConnections connections, AccessTokens tokens, ConnectionHealth health, TokenVault vault,
    RevokeGrants revoke, TimeProvider time, ILogger<TendConnections> log)
    : BackgroundService
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _leastAhead = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _jitter = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan _paceOfMisconfigured = TimeSpan.FromMinutes(2);
    private DateTimeOffset _triedMisconfigured = DateTimeOffset.MinValue;

    /// <summary>
    /// How long before its expiry a token is refreshed: 3 to 7 minutes, the same on each replica. Connections that were made, or whose
    /// HubSpot was away, at the same moment do not all come at once.
    /// </summary>
    public static TimeSpan Ahead(Guid subscriptionId) => _leastAhead + (_jitter * (SHA256.HashData(subscriptionId.ToByteArray())[0] / 255.0));

    // Beside each other: a grant may have to wait long for its permit, and no token expires meanwhile.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(TendAllAsync(stoppingToken), RevokeAllAsync(stoppingToken));

    private async Task RevokeAllAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_pace, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TriedAsync(revoke.RevokeDueAsync, stoppingToken);
    }

    private async Task TendAllAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_pace, time);
        var checkedKeys = await TriedAsync(CheckKeysAsync, stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            checkedKeys = checkedKeys || await TriedAsync(CheckKeysAsync, stoppingToken);
            await TriedAsync(TendAsync, stoppingToken);
        }
    }

    /// <summary>False when the store could not be asked.</summary>
    private async Task<bool> TriedAsync(Func<CancellationToken, Task> round, CancellationToken cancellation)
    {
        try
        {
            await round(cancellation);
            return true;
        }
        catch (Exception busy) when (StoreFailures.IsPassing(busy) || StoreFailures.IsConflict(busy))
        {
            RoundLost(log, busy);
            return false;
        }
    }

    private async Task CheckKeysAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<AuthDb>().Connections.AsNoTracking()
            .Where(c => c.AccessToken != null
                && (c.State == ConnectionState.Connected || (c.State == ConnectionState.Revoked && c.Reason == TokenVault.KeysLost)))
            .ToListAsync(cancellation);
        foreach (var row in rows)
        {
            var opens = vault.TryOpen(row.AccessToken!) is not null;
            if (opens && row.State == ConnectionState.Revoked)
                await health.ResumeUnlockedAsync(row.SubscriptionId, cancellation);
            else if (!opens && row.State == ConnectionState.Connected && await connections.FindAsync(row.SubscriptionId, cancellation) is { } connection)
                await health.PauseAsync(connection, row.Attempt, ConnectionState.Revoked, TokenVault.KeysLost, null, cancellation);
        }
    }

    private async Task TendAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var connection in await DueAsync(now, cancellation))
        {
            if (connection.State == ConnectionState.Moving)
                await health.ResumeMovedAsync(connection.SubscriptionId, now, cancellation);
            else
                await RefreshAsync(connection.SubscriptionId, cancellation);
        }
    }

    private async Task<List<Connection>> DueAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var soon = now + _leastAhead + _jitter;
        var misconfigured = now - _triedMisconfigured >= _paceOfMisconfigured;
        if (misconfigured)
            _triedMisconfigured = now;
        await using var scope = scopes.CreateAsyncScope();
        var due = await scope.ServiceProvider.GetRequiredService<AuthDb>().Connections.AsNoTracking()
            .Where(c => (c.State == ConnectionState.Moving && c.Until <= now)
                || (c.State == ConnectionState.Connected && !c.IsStatic && c.ExpiresAt < soon)
                || (c.State == ConnectionState.Misconfigured && misconfigured))
            .ToListAsync(cancellation);
        return due.FindAll(c => c.State != ConnectionState.Connected || c.ExpiresAt < now + Ahead(c.SubscriptionId));
    }

    private async Task RefreshAsync(Guid subscriptionId, CancellationToken cancellation)
    {
        if (await connections.FindAsync(subscriptionId, cancellation) is not { } connection)
            return;
        try
        {
            await tokens.RefreshAsync(connection, connection.View.AccessToken, cancellation);
        }
        catch (Exception told) when (told is ConnectionPausedException or TokenNotRefreshedException)
        {
            // Already logged and published; the next round tries again.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store could not be asked; connections are looked after in the next round")]
    private static partial void RoundLost(ILogger log, Exception busy);
}
