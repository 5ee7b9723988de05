using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Webhooks;

/// <summary>
/// Puts the events of a request into the outbox. A store that is slow or away costs the request, which HubSpot repeats, and not the
/// second within which it is answered; what is stored all the same after that is told once nevertheless.
/// </summary>
public sealed partial class WebhookIntake(IServiceScopeFactory scopes, TimeProvider time, ILogger<WebhookIntake> log) : IDisposable
{
    // What is left of the second is for a machine that has much else to do.
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(500);

    // In turn: many at once would each take as long as all of them.
    private readonly SemaphoreSlim _turns = new(4);

    /// <summary>True once the events are stored; false when that takes too long, with what the request has waited for the store before.</summary>
    public async Task<bool> TakeAsync(IReadOnlyList<HubSpotEvent> events, TimeSpan taken)
    {
        var began = time.GetTimestamp();
        if (!await _turns.WaitAsync(Left(taken)))
            return false;

        // Aside, and not cancelled with the request: a store that waits for its file does not listen.
        var storing = Task.Run(() => StoreAsync(events));
        try
        {
            return await storing.WaitAsync(Left(taken + time.GetElapsedTime(began)), time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private static TimeSpan Left(TimeSpan taken) => taken < _patience ? _patience - taken : TimeSpan.Zero;

    private async Task<bool> StoreAsync(IReadOnlyList<HubSpotEvent> events)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<Outbox<AuthDb>>().SendAsync(new SortHubSpotEvents { Events = events });
            await scope.ServiceProvider.GetRequiredService<AuthDb>().SaveChangesAsync();
            return true;
        }
        catch (Exception failure) when (failure is DbUpdateException || StoreFailures.IsPassing(failure))
        {
            NotStored(log, failure);
            return false;
        }
        finally
        {
            _turns.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The events of a webhook could not be stored; HubSpot sends them again")]
    private static partial void NotStored(ILogger log, Exception failure);
}
