using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.ServiceDefaults;

/// <summary>Deletes what a store no longer needs: inbox rows that are older than any message could be that comes twice, and what has long ended.</summary>
internal sealed partial class Cleaning<TDb>(IServiceScopeFactory scopes, TimeProvider time, ILogger<TDb> log) : BackgroundService
    where TDb : ServiceDb
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // Soon, for a process that is started often; not at once, for a start has enough to do.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(First, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            timer.Period = Every;
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<TDb>().DeleteOldAsync(time.GetUtcNow() - Kept, stoppingToken);
            }
            catch (Exception failure) when (StoreFailures.IsPassing(failure))
            {
                NotCleaned(log, failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old rows could not be deleted; it is tried again in an hour")]
    private static partial void NotCleaned(ILogger log, Exception failure);
}
