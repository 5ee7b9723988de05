using HubSpotBus.Auth.Connecting;
using HubSpotBus.ServiceDefaults;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth.Egress.Limits;

/// <summary>
/// Asks for this replica's share of the limits and tells the others what it used, all that is due in one transaction. The rows also
/// outlive the process: one that is started again does not begin with full windows.
/// </summary>
public sealed partial class ShareLimits(
    IServiceScopeFactory scopes, Throttle throttle, IOptions<DataOptions> data, TimeProvider time, ILogger<ShareLimits> log) : BackgroundService
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<string> _endedOthers = [];

    /// <summary>This process among those that share the limits.</summary>
    public Guid Replica { get; } = NewId.NextGuid();

    /// <summary>Rows in a file belong to one process: others that hold something are gone.</summary>
    public bool IsAlone => data.Value.PostgreSql is not { IsEmpty: false };

    /// <summary>Permits of the limit in use on all replicas.</summary>
    public async Task<int> UsedAsync(LimitShare share, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var row = await db.Limits.AsNoTracking().SingleOrDefaultAsync(l => l.Key == share.Key, cancellation);
        return row?.Limit.UsedAt(share.Length, await NowAsync(db, cancellation)) ?? 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using var pace = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(throttle.AskedAsync, Task.Delay(throttle.IsActive ? _pace : Timeout.InfiniteTimeSpan, time, pace.Token));
            await pace.CancelAsync();
            try
            {
                await AskAsync(stoppingToken);
            }
            catch (Exception failure) when (StoreFailures.IsPassing(failure) && !stoppingToken.IsCancellationRequested)
            {
                NotAsked(log, failure.Message);
                await Task.Delay(_pause, time, stoppingToken);
            }
        }
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        while (throttle.Ask() is { Claims.Count: > 0 } asking)
        {
            try
            {
                throttle.Take(asking, await HeardAsync(asking, cancellation));
            }
            catch (Exception conflict) when (StoreFailures.IsConflict(conflict))
            {
                // Another replica was quicker: asked again of what it has left.
            }
        }
    }

    private async Task<Dictionary<string, Allotment>> HeardAsync(Asking asking, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var keys = asking.Claims.Select(c => c.Claim.Key).ToList();
        var now = await NowAsync(db, cancellation);
        var rows = await db.Limits.Where(l => keys.Contains(l.Key)).ToDictionaryAsync(l => l.Key, cancellation);
        var settings = await SettingsAsync(db, asking, cancellation);
        var allotments = new Dictionary<string, Allotment>();
        foreach (var (_, asked) in asking.Claims)
        {
            var claim = settings.TryGetValue(asked.Key, out var set)
                ? asked with { Calls = set.ThrottleLimit, Length = TimeSpan.FromSeconds(set.ThrottleSeconds), AtOnce = set.ConcurrentConnections }
                : asked;
            if (!rows.TryGetValue(claim.Key, out var row))
                row = db.Limits.Add(new LimitRow { Key = claim.Key }).Entity;
            if (IsAlone && !_endedOthers.Contains(claim.Key))
                row.Limit.EndOthers(Replica, claim.Length, now);
            allotments[claim.Key] = row.Limit.Hear(Replica, claim, now);
            row.HeardAt = now;
            db.Entry(row).Property(r => r.Limit).IsModified = true;
        }

        await db.SaveChangesAsync(cancellation);
        _endedOthers.UnionWith(keys);
        return allotments;
    }

    // Another replica may have changed them a moment ago: what is handed out is so by what is stored.
    private static async Task<Dictionary<string, SubscriptionSettings>> SettingsAsync(AuthDb db, Asking asking, CancellationToken cancellation)
    {
        var ids = asking.Claims.Select(c => SubscriptionSettings.OfLimit(c.Claim.Key)).OfType<Guid>().ToList();
        return ids.Count == 0 ? [] : await db.Settings.AsNoTracking().Where(s => ids.Contains(s.SubscriptionId)).ToDictionaryAsync(s => s.LimitKey, cancellation);
    }

    /// <summary>The store's clock, which is the same for all replicas. It is read before the rows: nothing lapses early.</summary>
    public async Task<DateTimeOffset> NowAsync(AuthDb db, CancellationToken cancellation) => IsAlone
        ? time.GetUtcNow()
        : DateTimeOffset.FromUnixTimeMilliseconds(await db.Database
            .SqlQuery<long>($"SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS \"Value\"").SingleAsync(cancellation));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The limits of the calls could not be shared ({Reason}); what is in hand is used meanwhile")]
    private static partial void NotAsked(ILogger log, string reason);
}
