using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
using HubSpotBus.Testing;
using Microsoft.Data.Sqlite;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Standalone as its own process, so that it can be killed; its data folder outlives it.</summary>
internal sealed class AProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _settings;
    private readonly HttpClient _http;
    private Process? _process;

    /// <param name="simulator">The HubSpot that it talks to.</param>
    /// <param name="folder">What an earlier process left behind; an empty folder when null.</param>
    /// <param name="settleTime">How long HubSpot may take over a write that it gave no answer to; as by default when null.</param>
    public AProcess(SimulatorHost simulator, string? folder = null, TimeSpan? settleTime = null)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        _http = new HttpClient { BaseAddress = Address };
        Hub = new HubApi(_http);
        Hub.SignInWith(AnInstallation.AdminKey);
        _settings = new Dictionary<string, string?>
        {
            ["Urls"] = Address.ToString(),
            ["Data__Folder"] = Folder,
            ["Hub__AdminKey"] = AnInstallation.AdminKey,
            ["Hub__RetryUnit"] = "00:00:00.200",
            ["HubSpotApp__ClientId"] = "hubspotbus-demo",
            ["HubSpotApp__ClientSecret"] = "hubspotbus-demo-secret",
            ["HubSpotApp__AuthorizeUrl"] = new Uri(simulator.BaseAddress, "/oauth/authorize").ToString(),
            ["HubSpotApp__AdditionalApiHosts__0"] = simulator.BaseAddress.Authority,
            ["Links__SettleTime"] = settleTime?.ToString(),
        };
    }

    public string Folder { get; }

    public Uri Address { get; }

    public int Id => _process!.Id;

    /// <summary>Its API, signed in as the administrator.</summary>
    public HubApi Hub { get; }

    public async Task StartAsync()
    {
        Start();
        await ListensAsync();
    }

    public async Task ListensAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        await ServiceUnderTest.UntilAsync(async () =>
        {
            try
            {
                using var answer = await http.GetAsync("/health/live");
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException) when (!_process!.HasExited)
            {
                return false;
            }
        }, "the process listens", TimeSpan.FromMinutes(5)); // others may need the cores
    }

    /// <summary>
    /// Starts it, again and again until cancelled; it kills itself before and after each kind of commit that names one of the words, once each.
    /// </summary>
    /// <param name="killedAt">The file that says which these were.</param>
    /// <param name="words">Tables, messages or states, with spaces between them.</param>
    /// <param name="cancellation">Leaves it running.</param>
    public async Task KillAtCommitsAsync(string killedAt, string words, CancellationToken cancellation)
    {
        while (true)
        {
            Start(new Dictionary<string, string?>
            {
                ["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "HubSpotBus.KillHook.dll"),
                ["KILLED_AT"] = killedAt,
                ["KILL_ONLY_AT"] = words,
            });
            await _process!.WaitForExitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested)
                return;
            if (_process.ExitCode != 128 + 9)
                throw new InvalidOperationException($"The process ended with exit code {_process.ExitCode}.");
            _process.Dispose();
        }
    }

    private void Start(Dictionary<string, string?>? more = null)
    {
        var command = ServicePrograms.Start(ServicePrograms.Folder, "Standalone");
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Folder,
        };
        foreach (var (name, value) in _settings.Concat(more ?? []))
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    /// <summary>As <c>kill -9</c> does it: between any two lines.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>How many messages were given up.</summary>
    public long DeadLetters()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "hubspotbus.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM bus_dead_letters";
        return (long)command.ExecuteScalar()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        _http.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
