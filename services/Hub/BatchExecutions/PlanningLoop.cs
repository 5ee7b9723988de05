using System.Threading.Channels;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.Subscriptions;
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

/// <summary>The one planner of the process: plans whenever something happened or became due.</summary>
internal sealed partial class PlanningLoop(
    IServiceScopeFactory scopes, PlanningSignal signal, SubscriptionQueues queues, AdminKey adminKey, TimeProvider time, ILogger<PlanningLoop> log)
    : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        adminKey.Ensure();
        while (!stoppingToken.IsCancellationRequested)
        {
            var lookAgain = time.GetUtcNow() + LongestWait;
            try
            {
                lookAgain = await PlanAllAsync(lookAgain, stoppingToken);
            }
            catch (DbUpdateException conflict)
            {
                // A record changed while it was being planned: plan again with the newest.
                Conflict(log, conflict);
                lookAgain = time.GetUtcNow();
            }

            var wait = lookAgain - time.GetUtcNow();
            await signal.WaitAsync(wait < ShortestWait ? ShortestWait : wait, time, stoppingToken);
        }
    }

    private async Task<DateTimeOffset> PlanAllAsync(DateTimeOffset lookAgain, CancellationToken cancellationToken)
    {
        foreach (var id in await ConnectedAsync(cancellationToken))
        {
            await using var scope = scopes.CreateAsyncScope();
            var subscription = await scope.ServiceProvider.GetRequiredService<HubDb>().Subscriptions.AsNoTracking()
                .SingleAsync(s => s.Id == id, cancellationToken);
            await queues.EnsureAsync(subscription, cancellationToken);
            if (subscription.Connection == ConnectionState.Connected
                && await scope.ServiceProvider.GetRequiredService<Planner>().PlanAsync(subscription, cancellationToken) is { } due && due < lookAgain)
                lookAgain = due;
        }

        return lookAgain;
    }

    private async Task<List<Guid>> ConnectedAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<HubDb>().Subscriptions
            .Where(s => s.Connection == ConnectionState.Connected || s.Connection == ConnectionState.Paused)
            .Select(s => s.Id).ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A record changed while it was being planned")]
    private static partial void Conflict(ILogger log, Exception conflict);
}
