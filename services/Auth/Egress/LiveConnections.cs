using System.Collections.Concurrent;
using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress;

/// <summary>The connections of this process in memory. Whoever changes settings or tokens reloads after the commit.</summary>
public sealed class LiveConnections(
    IServiceScopeFactory scopes, Throttle throttle, HubSpotLimits limits, TokenVault vault, IOptions<HubSpotAppOptions> app) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, LiveConnection> _connections = new();

    // One reading at a time: what is read last was committed last.
    private readonly SemaphoreSlim _reading = new(1, 1);

    public IEnumerable<LiveConnection> All => _connections.Values;

    /// <summary>The connection; null when the subscription is not known here.</summary>
    public async ValueTask<LiveConnection?> FindAsync(Guid subscriptionId, CancellationToken cancellation) =>
        _connections.TryGetValue(subscriptionId, out var connection) ? connection : await ReloadAsync(subscriptionId, cancellation);

    public async Task<LiveConnection?> ReloadAsync(Guid subscriptionId, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
            if (await db.Settings.AsNoTracking().SingleOrDefaultAsync(s => s.SubscriptionId == subscriptionId, cancellation) is not { } settings)
                return null;
            var row = await db.Connections.AsNoTracking().SingleOrDefaultAsync(c => c.SubscriptionId == subscriptionId, cancellation);
            var view = See(settings, row);
            var connection = _connections.GetOrAdd(subscriptionId, id => new LiveConnection(id, view));
            connection.View = view;
            throttle.Change(() => Limit(connection, settings, view));
            return connection;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private void Limit(LiveConnection connection, SubscriptionSettings settings, ConnectionView view)
    {
        var line = connection.Line;
        line.Own.Limit = settings.ThrottleLimit;
        line.Own.Length = TimeSpan.FromSeconds(settings.ThrottleSeconds);
        line.MostAtOnce = settings.ConcurrentConnections;
        line.Account = limits.Account(connection.SubscriptionId, view);
        line.Search = limits.Search(connection.SubscriptionId, view);
    }

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
        };
    }
}
