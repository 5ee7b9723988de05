using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Webhooks;

/// <summary>
/// Puts the events of a request into the outbox, those of all requests that come meanwhile in one commit: a crowd costs hardly more than one. A
/// store that is slow or away costs the request, which HubSpot repeats, and not the second within which it is answered; what is stored all the
/// same after that is told once nevertheless.
/// </summary>
public sealed partial class WebhookIntake(IServiceScopeFactory scopes, TimeProvider time, ILogger<WebhookIntake> log)
{
    private const int MostAtOnce = 50;

    // What is left of the second is for a machine that has much else to do.
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(750);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiting> _waiting = [];
    private bool _stores;

    /// <summary>True once the events are stored; false when that takes too long, with what the request has waited for the store before.</summary>
    public async Task<bool> TakeAsync(IReadOnlyList<HubSpotEvent> events, TimeSpan taken)
    {
        var waiting = new Waiting(events);
        var mine = Add(waiting);
        try
        {
            return await waiting.Stored.Task.WaitAsync(taken < _patience ? _patience - taken : TimeSpan.Zero, time);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                if (mine.List is not null)
                    _waiting.Remove(mine);
            }

            return false;
        }
    }

    private LinkedListNode<Waiting> Add(Waiting waiting)
    {
        lock (_gate)
        {
            // Aside, and not cancelled with the request: a store that waits for its file does not listen.
            if (!_stores)
                _ = Task.Run(StoreAllAsync);
            _stores = true;
            return _waiting.AddLast(waiting);
        }
    }

    private async Task StoreAllAsync()
    {
        while (Next() is { Count: > 0 } together)
        {
            // What nobody foresaw is the failure of each of these requests, and the next are stored.
            var storing = StoreAsync(together);
            await ((Task)storing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var waiting in together)
                waiting.Stored.TrySetFromTask(storing);
        }
    }

    private List<Waiting> Next()
    {
        lock (_gate)
        {
            List<Waiting> together = [];
            while (together.Count < MostAtOnce && _waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                together.Add(first.Value);
            }

            _stores = together.Count > 0;
            return together;
        }
    }

    private async Task<bool> StoreAsync(List<Waiting> together)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var outbox = scope.ServiceProvider.GetRequiredService<Outbox<AuthDb>>();
            foreach (var waiting in together)
                await outbox.SendAsync(new SortHubSpotEvents { Events = waiting.Events });
            await scope.ServiceProvider.GetRequiredService<AuthDb>().SaveChangesAsync();
            return true;
        }
        catch (Exception failure) when (failure is DbUpdateException || StoreFailures.IsPassing(failure))
        {
            NotStored(log, failure);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The events of webhooks could not be stored; HubSpot sends them again")]
    private static partial void NotStored(ILogger log, Exception failure);

    private sealed record Waiting(IReadOnlyList<HubSpotEvent> Events)
    {
        public TaskCompletionSource<bool> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
