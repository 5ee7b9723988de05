using HubSpotBus.Auth.Egress;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Tokens;

/// <summary>The access token of a connection: from memory, refreshed ahead of its expiry, one refresh at a time over all replicas.</summary>
public sealed partial class AccessTokens(
    IServiceScopeFactory scopes, LiveConnections connections, TokenRequests requests, TokenVault vault, ConnectionHealth health,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<AccessTokens> log)
{
    /// <summary>Whoever comes with a call refreshes a token this long before it expires; who does without one looks again after the wait for the permit.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    // Enough for a call to get to HubSpot, also by a clock that is a little slow.
    private static readonly TimeSpan _leastLife = TimeSpan.FromSeconds(30);

    // A replica that refreshes has so long until another may; who waits for it looks again and again.
    private static readonly TimeSpan _flight = TimeSpan.FromSeconds(30);
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
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
            var row = await db.Connections.SingleOrDefaultAsync(c => c.SubscriptionId == connection.SubscriptionId, cancellation);
            if (row is not { IsStatic: false, RefreshToken: { } locked })
                throw new ConnectionPausedException(row?.Reason ?? "The subscription is not connected to HubSpot. Connect it.");
            if (vault.TryOpen(locked) is not { } refreshToken)
                throw await health.PauseAsync(connection, row.Attempt, ConnectionState.Revoked, TokenVault.KeysLost, null, cancellation);

            if (row.AccessToken is { } kept && vault.TryOpen(kept) is { } token && token != stale && row.ExpiresAt - Margin > time.GetUtcNow())
            {
                // Another replica was quicker.
                await connections.ReloadAsync(connection.SubscriptionId, cancellation);
                return token;
            }

            if (await IsOursAsync(db, row, cancellation))
                return await FetchAsync(connection, scope.ServiceProvider, row, refreshToken, cancellation);
            await Task.Delay(_lookAgain, time, cancellation);
        }
    }

    // One replica refreshes, the others wait for what it brings.
    private async Task<bool> IsOursAsync(AuthDb db, Connection row, CancellationToken cancellation)
    {
        if (row.RefreshingUntil > time.GetUtcNow())
            return false;
        row.RefreshingUntil = time.GetUtcNow() + _flight;
        return await SavedAsync(db, cancellation);
    }

    private async Task<Secret> FetchAsync(
        LiveConnection connection, IServiceProvider scoped, Connection row, Secret refreshToken, CancellationToken cancellation)
    {
        switch (await requests.RefreshAsync(connection, refreshToken, cancellation))
        {
            case TokenOutcome.Granted(var tokens):
                return await KeepAsync(connection, scoped, row, tokens, cancellation);

            case TokenOutcome.GrantRefused(var says):
                throw await health.PauseAsync(connection, row.Attempt, ConnectionState.Revoked,
                    $"HubSpot no longer accepts the connection ({says}). Connect the subscription again.", null, cancellation);

            case TokenOutcome.AppRefused(var says):
                throw await health.PauseAsync(connection, row.Attempt, ConnectionState.Misconfigured,
                    $"HubSpot does not accept this installation's app ({says}). Correct client id and secret of the HubSpot app.",
                    null, cancellation);

            case TokenOutcome.Unanswered(var reason):
                NotRefreshed(log, connection.SubscriptionId, reason);
                row.RefreshingUntil = null;
                await SavedAsync(scoped.GetRequiredService<AuthDb>(), cancellation);
                // Refreshing ahead of time failed, but the old token may have some life left.
                return Good(connection.View) ?? throw new TokenNotRefreshedException($"HubSpot gave no new access token: {reason}");

            case var other:
                throw new NotSupportedException(other.ToString());
        }
    }

    private async Task<Secret> KeepAsync(
        LiveConnection connection, IServiceProvider scoped, Connection row, GrantedTokens tokens, CancellationToken cancellation)
    {
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
            await scoped.GetRequiredService<Outbox<AuthDb>>()
                .PublishAsync(new ConnectionResumed { SubscriptionId = row.SubscriptionId }, cancellationToken: cancellation);
        }

        if (!await SavedAsync(scoped.GetRequiredService<AuthDb>(), cancellation))
        {
            // Connected anew or disconnected while HubSpot answered: what is stored now is right, what we fetched is not.
            await connections.ReloadAsync(connection.SubscriptionId, cancellation);
            return connection.View.AccessToken ?? throw new ConnectionPausedException(connection.View.Reason ?? "The subscription was disconnected.");
        }

        await connections.ReloadAsync(connection.SubscriptionId, cancellation);
        Refreshed(log, connection.SubscriptionId, row.ExpiresAt.Value);
        return tokens.AccessToken;
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Access token of {SubscriptionId} refreshed, good until {ExpiresAt}")]
    private static partial void Refreshed(ILogger log, Guid subscriptionId, DateTimeOffset expiresAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Access token of {SubscriptionId} not refreshed: {Reason}")]
    private static partial void NotRefreshed(ILogger log, Guid subscriptionId, string reason);
}
