using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Crm;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Limits;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace HubSpotBus.HubSpotSimulator;

/// <summary>A running simulator: in a test's own process, or composed by Program for a process of its own.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatorHost(WebApplication app)
    {
        _app = app;
        BaseAddress = new Uri(app.Urls.First());
        Store = app.Services.GetRequiredService<SimulatorStore>();
    }

    public Uri BaseAddress { get; }

    public SimulatorStore Store { get; }

    /// <param name="options">Without it, the defaults.</param>
    /// <param name="time">Tokens, limits, stamps and the search index follow it.</param>
    /// <param name="port">0 takes a free one.</param>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions? options = null, TimeProvider? time = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddSingleton(Options.Create(options ?? new SimulatorOptions()));
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        AddParts(builder.Services);
        var app = builder.Build();
        MapParts(app);
        await app.StartAsync();
        return new SimulatorHost(app);
    }

    internal static WebApplication Compose(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null)
        {
            builder.WebHost.UseUrls("http://127.0.0.1:5190");
        }

        builder.Services.AddOptions<SimulatorOptions>()
            .BindConfiguration(SimulatorOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        AddParts(builder.Services);
        var app = builder.Build();
        MapParts(app);
        return app;
    }

    /// <summary>Stops and, with a data file, saves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void AddParts(IServiceCollection services)
    {
        services.AddSingleton(sp => sp.GetRequiredService<IOptions<SimulatorOptions>>().Value);
        services.AddSingleton<SimulatorStore>();
        services.AddSingleton<CallCounters>();
        services.AddSingleton<FaultRules>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<Latency>();
        services.AddSingleton<CallPipeline>();
        services.AddHostedService<StateFile>();
    }

    private static void MapParts(WebApplication app)
    {
        app.UseOnePathForm();
        app.UseRouting();
        app.MapConsent();
        app.MapTokens();
        app.MapRecords();
        app.MapSearch();
        app.MapAssociations();
        app.MapProperties();
        app.MapPipelines();
        app.MapAccount();
        app.MapAdmin();
    }
}
