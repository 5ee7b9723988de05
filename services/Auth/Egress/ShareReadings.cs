using HubSpotBus.Auth.Egress.Limits;
using HubSpotBus.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Egress;

/// <summary>What one replica tells the others of a subscription's calls; the replica alone writes it.</summary>
public sealed class ReadingRow
{
    public required Guid SubscriptionId { get; init; }

    public required Guid Replica { get; init; }

    public ReplicaReading Reading { get; set; } = new([], 0);

    public DateTimeOffset At { get; set; }
}

/// <summary>Tells the other replicas once a second what this one measures, so that whichever is asked knows of all.</summary>
public sealed class ShareReadings(
    IServiceScopeFactory scopes, LiveConnections connections, Throttle throttle, EgressMeter meter, ShareLimits limits, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(1);

    // Of a replica that is silent for longer nobody waits any more, and its calls are over or soon will be.
    private static readonly TimeSpan _alive = TimeSpan.FromSeconds(5);

    private readonly HashSet<Guid> _told = [];

    /// <summary>What all replicas measured of the subscription: this one now, the others a second ago.</summary>
    public async Task<IReadOnlyList<ReplicaReading>> OfAllAsync(LiveConnection connection, CancellationToken cancellation)
    {
        var reading = throttle.Read(connection.Line);
        var mine = meter.Read(connection, reading);
        if (limits.IsAlone)
            return [mine];
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var now = await limits.NowAsync(db, cancellation);
        var since = now - TimeSpan.FromSeconds(reading.Seconds);
        var others = await db.Readings.AsNoTracking()
            .Where(r => r.SubscriptionId == connection.SubscriptionId && r.Replica != limits.Replica && r.At > since).ToListAsync(cancellation);
        return [mine, .. others.Select(r => r.At > now - _alive ? r.Reading : Silent(r.Reading))];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (limits.IsAlone)
            return;
        using var timer = new PeriodicTimer(_pace, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TellAsync(stoppingToken);
            }
            catch (Exception failure) when (StoreFailures.IsPassing(failure) || StoreFailures.IsConflict(failure))
            {
                // Told a second later.
            }
        }
    }

    // What a replica that died did in the window still counts.
    private static ReplicaReading Silent(ReplicaReading reading) =>
        new([.. reading.Counts.Select(c => c with { Waiting = 0, InFlight = 0 })], 0);

    private async Task TellAsync(CancellationToken cancellation)
    {
        var readings = connections.All.ToDictionary(c => c.SubscriptionId, c => meter.Read(c, throttle.Read(c.Line)));
        var toTell = readings.Where(r => r.Value.Counts.Count > 0 || _told.Contains(r.Key)).ToDictionary();
        if (toTell.Count == 0)
            return;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDb>();
        var now = await limits.NowAsync(db, cancellation);
        var rows = await db.Readings.Where(r => r.Replica == limits.Replica && toTell.Keys.Contains(r.SubscriptionId))
            .ToDictionaryAsync(r => r.SubscriptionId, cancellation);
        foreach (var (subscription, reading) in toTell)
        {
            if (!rows.TryGetValue(subscription, out var row))
                row = db.Readings.Add(new ReadingRow { SubscriptionId = subscription, Replica = limits.Replica }).Entity;
            (row.Reading, row.At) = (reading, now);
        }

        await db.SaveChangesAsync(cancellation);
        _told.Clear();
        _told.UnionWith(toTell.Where(r => r.Value.Counts.Count > 0).Select(r => r.Key));
    }
}
