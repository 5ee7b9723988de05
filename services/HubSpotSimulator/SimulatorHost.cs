using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator;

/// <summary>A simulator inside a test's process.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatorHost(WebApplication app)
    {
        _app = app;
        BaseAddress = new Uri(app.Urls.First());
    }

    public Uri BaseAddress { get; }

    public SimulatorStore Store => _app.Services.GetRequiredService<SimulatorStore>();

    public CallLog Calls => _app.Services.GetRequiredService<CallLog>();

    public FaultPlan Faults => _app.Services.GetRequiredService<FaultPlan>();

    public LateCalls LateCalls => _app.Services.GetRequiredService<LateCalls>();

    /// <summary>Settings of one account that can be changed while it runs.</summary>
    public void Switch(long portalId, PortalSwitches switches) => Store.Portal(portalId).Set(switches, Store.Now);

    /// <param name="options">Without it, the defaults.</param>
    /// <param name="time">Tokens, limits, stamps and the search index follow it.</param>
    /// <param name="port">0 takes a free one.</param>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions? options = null, TimeProvider? time = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.AddSimulator(options ?? new SimulatorOptions(), time ?? TimeProvider.System);
        var app = builder.Build();
        app.MapSimulator();
        await app.StartAsync();
        return new SimulatorHost(app);
    }

    public HttpClient CreateClient() => new() { BaseAddress = BaseAddress };

    /// <summary>Stops and, with a data file, saves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
