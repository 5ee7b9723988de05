using System.Text.Json;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>Keeps the state in a file, so that a restarted simulator knows its records and tokens again.</summary>
internal sealed class StateFile(SimulatorStore store, SimulatorOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private long _saved = -1;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.DataFile is { } file && File.Exists(file))
        {
            await using var stream = File.OpenRead(file);
            store.Restore((await JsonSerializer.DeserializeAsync<SimulatorState>(stream, cancellationToken: cancellationToken))!);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Save();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (options.DataFile is not null && await timer.WaitForNextTickAsync(stoppingToken))
            Save();
    }

    private void Save()
    {
        var revision = store.Portals.Sum(p => p.Revision) + store.Tokens.Count;
        if (options.DataFile is not { } file || revision == _saved)
            return;
        var state = store.State;
        var portals = state.Portals.Values.OrderBy(p => p.Id).ToList();
        foreach (var portal in portals)
            portal.Gate.Enter();
        try
        {
            File.WriteAllBytes($"{file}.new", JsonSerializer.SerializeToUtf8Bytes(state));
        }
        finally
        {
            foreach (var portal in portals)
                portal.Gate.Exit();
        }

        File.Move($"{file}.new", file, overwrite: true);
        _saved = revision;
    }
}
