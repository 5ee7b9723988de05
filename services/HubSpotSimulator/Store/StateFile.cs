using System.Diagnostics;
using System.Text.Json;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>
/// Keeps the store in a file, where one is set: read at start, written every two seconds when changed (less often when it is large), and
/// at the end.
/// </summary>
internal sealed class StateFile(SimulatorStore store, SimulatorOptions options) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long _saved;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.DataFile is { } file && File.Exists(file))
        {
            await using var stream = File.OpenRead(file);
            var state = await JsonSerializer.DeserializeAsync<State>(stream, Json.Web, cancellationToken)
                ?? throw new InvalidDataException($"{file} holds no state of the simulator; move it away to start with empty accounts.");
            StateOfStore.PutBack(store, state);
        }

        _saved = store.Version;
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SaveAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.DataFile is null)
        {
            return;
        }

        // Wall-clock time on purpose: a test that stops the store's clock still gets its file.
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // Not cut short by stopping: StopAsync waits for it and then saves what is left.
                var clock = Stopwatch.StartNew();
                await SaveAsync(CancellationToken.None);
                // The whole state is written each time; a large one may take a tenth of the time, no more.
                timer.Period = TimeSpan.FromTicks(Math.Max(Pause.Ticks, clock.Elapsed.Ticks * 10));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is no failure.
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        var version = store.Version;
        if (options.DataFile is not { } file || version == _saved)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var temporary = file + ".tmp";
        await using (var stream = File.Create(temporary))
        {
            await JsonSerializer.SerializeAsync(stream, StateOfStore.Take(store), Json.Web, cancellationToken);
        }

        File.Move(temporary, file, overwrite: true);
        _saved = version;
    }
}
