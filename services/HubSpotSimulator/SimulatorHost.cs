using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.HubSpotSimulator.Crm;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Limits;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator;

/// <summary>The simulator inside a test process, on a free port of the loopback.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatorHost(WebApplication app) => _app = app;

    public Uri BaseAddress => new(_app.Urls.First());

    public SimulatorStore Store => _app.Services.GetRequiredService<SimulatorStore>();

    public CallLog Calls => _app.Services.GetRequiredService<CallLog>();

    public FaultPlan Faults => _app.Services.GetRequiredService<FaultPlan>();

    public static async Task<SimulatorHost> StartAsync(SimulatorOptions? options = null, TimeProvider? time = null, int port = 0)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Testing" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.AddSimulator(options ?? new SimulatorOptions(), time ?? TimeProvider.System);
        var app = builder.Build();
        app.MapSimulator();
        await app.StartAsync();
        return new SimulatorHost(app);
    }

    public HttpClient CreateClient() => new() { BaseAddress = BaseAddress };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>The parts of the simulator, the same in its own process and in a test's.</summary>
public static class Simulator
{
    public static void AddSimulator(this WebApplicationBuilder builder, SimulatorOptions options, TimeProvider time)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<SimulatorStore>();
        builder.Services.AddSingleton<CallLog>();
        builder.Services.AddSingleton<FaultPlan>();
        builder.Services.AddSingleton<RateLimits>();
        builder.Services.AddHostedService<StateFile>();
    }

    public static void MapSimulator(this WebApplication app)
    {
        app.UseMiddleware<Answering>();
        app.UseRouting();
        app.MapAdmin();
        app.MapAuthorizePages();
        app.MapTokens();
        app.MapObjects();
        app.MapBatches();
        app.MapSearch();
        app.MapAssociations();
        app.MapProperties();
        app.MapPipelines();
    }
}
