using System.Collections.Concurrent;
using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Egress.Limits;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// The connections of this process in memory. Whoever changes settings or tokens reloads after the commit; what another replica changed
/// is seen a second later at the latest, of the limits with the next permits that this one asks for.
/// </summary>
public sealed class LiveConnections(
    IServiceScopeFactory scopes, Throttle throttle, HubSpotLimits limits, TokenVault vault, IOptions<HubSpotAppOptions> app, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, LiveConnection> _connections = new();

    // One reading at a time: what is read last was committed last.
    private readonly SemaphoreSlim _reading = new(1, 1);

    public IEnumerable<LiveConnection> All => _connections.Values;

    /// <summary>The connection; null when the subscription is not known here.</summary>
    public async ValueTask<LiveConnection?> FindAsync(Guid subscriptionId, CancellationToken cancellation)
    {
        if (!_connections.TryGetValue(subscriptionId, out var connection))
            return await ReloadAsync(subscriptionId, cancellation);
        if (time.GetElapsedTime(connection.ReadAt) < _fresh)
            return connection;
        try
        {
            return await ReloadAsync(subscriptionId, cancellation);
        }
        catch (Exception failure) when (StoreFailures.IsPassing(failure) && !cancellation.IsCancellationRequested)
        {
            // What is known will do until the store is back.
            return connection;
        }
    }

    public async Task<LiveConnection?> ReloadAsync(Guid subscriptionId, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            var readAt = time.GetTimestamp();
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
            if (await db.Settings.AsNoTracking().SingleOrDefaultAsync(s => s.SubscriptionId == subscriptionId, cancellation) is not { } settings)
                return null;
            var row = await db.Connections.AsNoTracking().SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, cancellation);
            var view = See(settings, row);
            var (account, search) = (limits.Account(subscriptionId, view), limits.Search(subscriptionId, view));
            var connection = _connections.GetOrAdd(subscriptionId, id => new LiveConnection(id, view, new CallLine(Own(settings), account, search)));
            (connection.View, connection.ReadAt) = (view, readAt);
            throttle.Change(_ =>
            {
                var line = connection.Line;
                line.Own.Set(settings.ThrottleLimit, TimeSpan.FromSeconds(settings.ThrottleSeconds), settings.ConcurrentConnections);
                (line.Account, line.Search) = (account, search);
            });
            return connection;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private static LimitShare Own(SubscriptionSettings settings) =>
        new(settings.LimitKey, settings.ThrottleLimit, TimeSpan.FromSeconds(settings.ThrottleSeconds));

    private ConnectionView See(SubscriptionSettings settings, Connection? row)
    {
        var token = row?.AccessToken is { } locked ? vault.TryOpen(locked) : null;
        var keysLost = row?.AccessToken is not null && token is null;
        return new ConnectionView
        {
            ApiUrl = settings.ApiUrl,
            ApiUrlAllowed = app.Value.AllowsApiUrl(settings.ApiUrl),
            ApiVersion = settings.HubSpotApiVersion,
            HubKey = settings.HubKey,
            MappingSet = settings.MappingSet,
            State = keysLost ? ConnectionState.Revoked : row?.State ?? ConnectionState.Disconnected,
            Reason = keysLost ? TokenVault.KeysLost : row?.Reason,
            Until = row?.Until,
            Attempt = row?.Attempt ?? 0,
            IsStatic = row?.IsStatic ?? false,
            AccessToken = token,
            ExpiresAt = row?.ExpiresAt,
            HubSpotAccountId = row?.HubSpotAccountId,
            AccountUnproven = row?.AccountUnproven ?? false,
            TimeZone = row?.TimeZone,
        };
    }
}
