using System.Diagnostics;
using HubSpotBus.Testing;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>One replica of a service as its own process, always at the same address. What it says goes to a file.</summary>
internal sealed class AServiceProcess(string service, IReadOnlyDictionary<string, string> settings, string logFile)
{
    // Many start at once on few cores.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private Process? _process;
    private bool _stalled;
    private bool _killsItself;

    public string Service => service;

    /// <summary>Where the services' programs are that the next start runs: those of this version, unless a test begins with another.</summary>
    public string Programs { get; set; } = ServicePrograms.Folder;

    public string LogFile => logFile;

    public int Port { get; } = FreePort.Next();

    public bool Runs => _process is { HasExited: false } && !_stalled;

    public int ProcessId => _process!.Id;

    /// <summary>Resident memory in MB (10^6 bytes).</summary>
    public long Megabytes
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64 / 1_000_000;
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        _killsItself = false;
        Start();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        await ServiceUnderTest.UntilAsync(async () =>
        {
            ThrowWhenEnded();
            try
            {
                using var answer = await http.GetAsync("/health/ready");
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, $"{service} is ready; see {logFile}", Patience);
    }

    /// <summary>Starts it, again and again until cancelled; it kills itself before and after each kind of commit it makes, once each.</summary>
    /// <param name="killedAt">The file that says which these were.</param>
    /// <param name="onlyAt">Tables, messages or states, with spaces between them, of which a kind has to name one; all kinds when null.</param>
    /// <param name="cancellation">Leaves it running.</param>
    public async Task KillAtEachCommitAsync(string killedAt, string? onlyAt, CancellationToken cancellation)
    {
        _killsItself = true;
        while (!cancellation.IsCancellationRequested)
        {
            Start(new Dictionary<string, string>
            {
                ["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "HubSpotBus.KillHook.dll"),
                ["KILLED_AT"] = killedAt,
                ["KILL_ONLY_AT"] = onlyAt ?? "",
            });
            var process = _process!;
            await process.WaitForExitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested)
                return;
            if (process.ExitCode != 128 + 9)
                throw new InvalidOperationException($"{service} ended with exit code {process.ExitCode}; see {logFile}.");
            await KillAsync();
        }
    }

    private void Start(IReadOnlyDictionary<string, string>? more = null)
    {
        // The shell gives the file to the service and becomes it: nothing between them waits for a reader.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", logFile, .. ServicePrograms.Start(Programs, service)]);
        foreach (var (name, value) in settings.Concat(more ?? new Dictionary<string, string>()))
            start.Environment[name] = value;
        start.Environment["HUBSPOTBUS_TEST_PROCESS"] = $"{Environment.ProcessId}"; // for build/clean-after-tests.sh
        start.Environment["Urls"] = $"http://127.0.0.1:{Port}";
        _process = Process.Start(start)!;
    }

    /// <summary>Starts it again when a test has killed it, stalled it or made it kill itself.</summary>
    public async Task RunAsAtFirstAsync()
    {
        if (Runs && !_killsItself)
            return;
        await KillAsync();
        await StartAsync();
    }

    /// <summary>Nobody but a test ends it.</summary>
    public void ThrowWhenEnded()
    {
        if (!_killsItself && _process is { HasExited: true })
            throw new InvalidOperationException($"{service} ended by itself; see {logFile}.");
    }

    /// <summary>As <c>kill -9</c> does it: between any two lines.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        (_process, _stalled) = (null, false);
    }

    /// <summary>Everything in it stands still, as on a machine without memory or in a long pause; its connections stay open.</summary>
    public async Task StallAsync()
    {
        _stalled = true;
        await SignalAsync("-STOP");
    }

    public async Task GoOnAsync()
    {
        await SignalAsync("-CONT");
        _stalled = false;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{ProcessId}"]);
        await kill.WaitForExitAsync();
    }
}
