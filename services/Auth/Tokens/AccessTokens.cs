using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Egress.Limits;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Tokens;

/// <summary>The access token of a connection: from memory, refreshed ahead of its expiry, one refresh at a time over all replicas.</summary>
public sealed partial class AccessTokens(
    IServiceScopeFactory scopes, LiveConnections connections, TokenRequests requests, TokenVault vault, ConnectionHealth health,
    ShareLimits replicas, IOptions<EgressOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<AccessTokens> log)
{
    /// <summary>Whoever comes with a call refreshes a token this long before it expires; who does without one looks again after the wait for the permit.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    // Enough for a call to get to HubSpot, also by a clock that is a little slow.
    private static readonly TimeSpan _leastLife = TimeSpan.FromSeconds(30);

    // What a replica that refreshes has beyond HubSpot's own time until another may.
    private static readonly TimeSpan _storing = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMilliseconds(100);

    public async ValueTask<Secret> CurrentAsync(LiveConnection connection, CancellationToken cancellation)
    {
        var view = connection.View;
        if (view.AccessToken is { } token && (view.IsStatic || view.ExpiresAt - Margin > time.GetUtcNow()))
            return token;
        return await RefreshAsync(connection, view.AccessToken, cancellation);
    }

    /// <summary>The token, if it has life enough for a call that goes out now.</summary>
    public Secret? Good(ConnectionView view) => view.IsStatic || view.ExpiresAt - _leastLife > time.GetUtcNow() ? view.AccessToken : null;

    /// <summary>A token other than the one that is stale. Callers that come together share one request.</summary>
    public async Task<Secret> RefreshAsync(LiveConnection connection, Secret? stale, CancellationToken cancellation)
    {
        Task<Secret> flight;
        lock (connection.Refreshing)
        {
            if (connection.View.AccessToken is { } token && token != stale)
                return token;
            if (connection.Refreshing.Flight is not { IsCompleted: false })
                connection.Refreshing.Flight = Task.Run(() => FetchAsync(connection, stale, lifetime.ApplicationStopping), CancellationToken.None);
            flight = connection.Refreshing.Flight;
        }

        return await flight.WaitAsync(cancellation);
    }

    private async Task<Secret> FetchAsync(LiveConnection connection, Secret? stale, CancellationToken cancellation)
    {
        while (true)
        {
            Refresh? mine = null;
            var outcome = await requests.RefreshAsync(
                connection, async () => (mine = await ClaimAsync(connection, stale, cancellation))?.RefreshToken, cancellation);
            switch (outcome)
            {
                case TokenOutcome.Granted(var tokens):
                    return await KeepAsync(connection, mine!, tokens, cancellation);

                case TokenOutcome.GrantRefused(var says) when await IsStillAsync(connection, mine!, cancellation):
                    throw await health.PauseAsync(connection, mine!.Attempt, ConnectionState.Revoked,
                        $"HubSpot no longer accepts the connection ({says}). Connect the subscription again.", null, cancellation);

                case TokenOutcome.AppRefused(var says):
                    throw await health.PauseAsync(connection, mine?.Attempt ?? connection.View.Attempt, ConnectionState.Misconfigured,
                        $"HubSpot does not accept this installation's app ({says}). Correct client id and secret of the HubSpot app.",
                        null, cancellation);

                case TokenOutcome.Unanswered(var reason):
                    NotRefreshed(log, connection.SubscriptionId, reason);
                    await LetGoAsync(connection, mine, cancellation);
                    // Refreshing ahead of time failed, but the old token may have some life left.
                    return Good(connection.View) ?? throw new TokenNotRefreshedException($"HubSpot gave no new access token: {reason}");
            }

            // Another replica is at it, or was quicker.
            await connections.ReloadAsync(connection.SubscriptionId, cancellation);
            if (connection.View is { AccessToken: { } theirs } view && theirs != stale && view.ExpiresAt - Margin > time.GetUtcNow())
                return theirs;
            await Task.Delay(_lookAgain, time, cancellation);
        }
    }

    // One replica refreshes, the others wait for what it brings. It says so with the permit in hand: how long that is waited for nobody knows.
    private async Task<Refresh?> ClaimAsync(LiveConnection connection, Secret? stale, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var row = await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == connection.SubscriptionId, cancellation);
        if (row is not { IsStatic: false, RefreshToken: { } locked, State: not ConnectionState.Revoked })
            throw new ConnectionPausedException(row?.Reason ?? "The subscription is not connected to HubSpot. Connect it.");
        if (vault.TryOpen(locked) is not { } refreshToken)
            throw await health.PauseAsync(connection, row.Attempt, ConnectionState.Revoked, TokenVault.KeysLost, null, cancellation);
        if (row.AccessToken is { } kept && vault.TryOpen(kept) is { } token && token != stale && row.ExpiresAt - Margin > time.GetUtcNow())
            return null;

        var now = await replicas.NowAsync(db, cancellation);
        if (row.RefreshingUntil > now)
            return null;
        var until = now + TimeSpan.FromSeconds(options.Value.HubSpotTimeoutSeconds) + _storing;
        row.RefreshingUntil = until;
        return await SavedAsync(db, cancellation) ? new Refresh(refreshToken, row.Attempt, until) : null;
    }

    /// <summary>What HubSpot gave is stored, whatever others did to the row meanwhile and however long the store is away.</summary>
    private async Task<Secret> KeepAsync(LiveConnection connection, Refresh mine, GrantedTokens tokens, CancellationToken cancellation)
    {
        bool? stored = null;
        while (stored is null)
        {
            try
            {
                stored = await StoredAsync(connection, mine, tokens);
            }
            catch (Exception failure) when (StoreFailures.IsConflict(failure) || StoreFailures.IsPassing(failure))
            {
                await Task.Delay(_lookAgain, time, cancellation);
            }
        }

        await connections.ReloadAsync(connection.SubscriptionId, cancellation);
        return stored.Value
            ? tokens.AccessToken
            : connection.View.AccessToken ?? throw new ConnectionPausedException(connection.View.Reason ?? "The subscription was disconnected.");
    }

    // Not cancelled with the process: the refresh token that was asked with may be spent. False when the row has another one: connected anew or
    // disconnected while HubSpot answered, and what it gave is of no use.
    private async Task<bool> StoredAsync(LiveConnection connection, Refresh mine, GrantedTokens tokens)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        if (await FindAsync(db, connection, mine, CancellationToken.None) is not { } row)
        {
            await RevokeAsync(db, connection, tokens);
            return false;
        }

        var now = time.GetUtcNow();
        row.AccessToken = vault.Lock(tokens.AccessToken);
        row.RefreshToken = tokens.RefreshToken is { IsEmpty: false } next ? vault.Lock(next) : row.RefreshToken;
        row.ExpiresAt = now + tokens.ExpiresIn;
        row.LastRefreshAt = now;
        row.RefreshingUntil = null;
        row.Scopes = tokens.Scopes ?? row.Scopes;
        if (row.State == ConnectionState.Misconfigured)
        {
            (row.State, row.Reason) = (ConnectionState.Connected, null);
            await scope.ServiceProvider.GetRequiredService<Outbox<AuthDb>>().PublishAsync(new ConnectionResumed { SubscriptionId = row.SubscriptionId });
        }

        await db.SaveChangesAsync(CancellationToken.None);
        Refreshed(log, connection.SubscriptionId, row.ExpiresAt.Value);
        return true;
    }

    // Tokens that came for a subscription which was disconnected meanwhile are not to live on at HubSpot.
    private async Task RevokeAsync(AuthDb db, LiveConnection connection, GrantedTokens tokens)
    {
        var row = await db.Connections.AsNoTracking().SingleAsync(c => c.SubscriptionId == connection.SubscriptionId);
        if (row.State != ConnectionState.Disconnected || tokens.RefreshToken is not { IsEmpty: false } token)
            return;
        db.GrantsToRevoke.Add(new GrantToRevoke
        {
            Id = NewId.NextGuid(), SubscriptionId = row.SubscriptionId, HubSpotAccountId = row.HubSpotAccountId, RefreshToken = vault.Lock(token),
            TryAt = time.GetUtcNow(),
        });
        await db.SaveChangesAsync(CancellationToken.None);
    }

    private async Task<bool> IsStillAsync(LiveConnection connection, Refresh mine, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await FindAsync(scope.ServiceProvider.GetRequiredService<AuthDb>(), connection, mine, cancellation) is not null;
    }

    // The row, if it has the refresh token still that was asked with.
    private async Task<Connection?> FindAsync(AuthDb db, LiveConnection connection, Refresh mine, CancellationToken cancellation) =>
        await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == connection.SubscriptionId, cancellation) is { RefreshToken: { } locked } row
        && vault.TryOpen(locked) == mine.RefreshToken ? row : null;

    private async Task LetGoAsync(LiveConnection connection, Refresh? mine, CancellationToken cancellation)
    {
        if (mine is null)
            return;
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AuthDb>().Connections
            .Where(c => c.SubscriptionId == connection.SubscriptionId && c.RefreshingUntil == mine.Until)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.RefreshingUntil, (DateTimeOffset?)null), cancellation);
    }

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

    // A refresh that this replica has claimed.
    private sealed record Refresh(Secret RefreshToken, int Attempt, DateTimeOffset Until);

    [LoggerMessage(Level = LogLevel.Information, Message = "Access token of {SubscriptionId} refreshed, good until {ExpiresAt}")]
    private static partial void Refreshed(ILogger log, Guid subscriptionId, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Access token of {SubscriptionId} not refreshed: {Reason}")]
    private static partial void NotRefreshed(ILogger log, Guid subscriptionId, string reason);
}
