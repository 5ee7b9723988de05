using System.Threading.Channels;
using HubSpotBus.Hub.Access;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>Wakes the planner: something became pending, ended, or was connected.</summary>
public sealed class PlanningSignal
{
    private readonly Channel<byte> _wakeUps = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _wakeUps.Writer.TryWrite(0);

    internal async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _wakeUps.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing happened; something may have become due.
        }
    }
}

/// <summary>
/// Plans whenever something happened or became due, for the subscriptions that have work. Over replicas the planners of one subscription
/// take turns.
/// </summary>
internal sealed partial class PlanningLoop(
    IServiceScopeFactory scopes, PlanningSignal signal, OutboxSignal committed, SubscriptionQueues queues, AdminKey adminKey, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<PlanningLoop> log) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan WaitForTurn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MendEvery = TimeSpan.FromSeconds(15);
    private DateTimeOffset _mendAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        adminKey.Ensure();
        await BusStartedAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            DateTimeOffset lookAgain;
            try
            {
                lookAgain = await PlanAllAsync(stoppingToken);
            }
            catch (Exception conflict) when (StoreFailures.IsConflict(conflict))
            {
                // A record changed while it was being planned: plan again with the newest.
                Conflict(log, conflict);
                lookAgain = time.GetUtcNow();
            }
            catch (Exception failure) when (StoreFailures.IsPassing(failure))
            {
                StoreAway(log, failure);
                lookAgain = time.GetUtcNow() + TimeSpan.FromSeconds(1);
            }

            var wait = lookAgain - time.GetUtcNow();
            await signal.WaitAsync(wait < ShortestWait ? ShortestWait : wait, time, stoppingToken);
        }
    }

    /// <summary>An endpoint that is connected while the bus starts can end the start, and the process with it.</summary>
    private async Task BusStartedAsync(CancellationToken stoppingToken)
    {
        using var startedOrStopping = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStarted, stoppingToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, startedOrStopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<DateTimeOffset> PlanAllAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var sweep = scope.ServiceProvider.GetRequiredService<PlanningSweep>();
        var lookAgain = time.GetUtcNow() + LongestWait;
        foreach (var work in await sweep.WithWorkAsync(cancellationToken))
        {
            queues.Ensure(work.SubscriptionId, work.ConcurrentBatchExecutions);
            if (work.Plan && await PlanAsync(work.SubscriptionId, cancellationToken) is { } due && due < lookAgain)
                lookAgain = due;
        }

        if (time.GetUtcNow() >= _mendAt)
        {
            await sweep.MendAsync(cancellationToken);
            _mendAt = time.GetUtcNow() + MendEvery;
        }

        return await sweep.NextDueAsync(cancellationToken) is { } next && next < lookAgain ? next : lookAgain;
    }

    /// <summary>Plans unless another replica does. Returns when to look again though nothing happens.</summary>
    private async Task<DateTimeOffset?> PlanAsync(Guid subscriptionId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDb>();
        await using var turn = await PlanningTurn.TakeAsync(db, subscriptionId, cancellationToken);
        if (turn is null)
            return time.GetUtcNow() + WaitForTurn;
        if (await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == subscriptionId, cancellationToken) is not { } subscription)
            return null; // Deleted a moment ago.
        var lookAgain = await scope.ServiceProvider.GetRequiredService<Planner>().PlanAsync(subscription, cancellationToken);
        await turn.CommitAsync(cancellationToken);
        committed.Set();
        return lookAgain;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A record changed while it was being planned")]
    private static partial void Conflict(ILogger log, Exception conflict);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing can be planned because the database is away; it is tried again in a second")]
    private static partial void StoreAway(ILogger log, Exception failure);
}
