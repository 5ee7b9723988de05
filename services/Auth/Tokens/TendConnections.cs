using System.Data.Common;
using HubSpotBus.Auth.Egress;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Tokens;

/// <summary>
/// Looks after connections that nobody uses at the moment: refreshes tokens before they expire (a dead grant is noticed early),
/// resumes accounts that have been moved, and tries again where the app's credentials were wrong.
/// </summary>
public sealed partial class TendConnections(
    IServiceScopeFactory scopes, LiveConnections connections, AccessTokens tokens, ConnectionHealth health, TimeProvider time,
    ILogger<TendConnections> log)
    : BackgroundService
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _ahead = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _paceOfMisconfigured = TimeSpan.FromMinutes(2);
    private DateTimeOffset _triedMisconfigured = DateTimeOffset.MinValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_pace, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TendAsync(stoppingToken);
            }
            catch (Exception busy) when (busy is DbException or DbUpdateException)
            {
                RoundLost(log, busy);
            }
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
        var soon = now + _ahead;
        var misconfigured = now - _triedMisconfigured >= _paceOfMisconfigured;
        if (misconfigured)
            _triedMisconfigured = now;
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<AuthDb>().Connections.AsNoTracking()
            .Where(c => (c.State == ConnectionState.Moving && c.Until <= now)
                || (c.State == ConnectionState.Connected && !c.IsStatic && c.ExpiresAt < soon)
                || (c.State == ConnectionState.Misconfigured && misconfigured))
            .ToListAsync(cancellation);
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
