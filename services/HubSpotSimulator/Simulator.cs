using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Crm;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Limits;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.HubSpotSimulator.Webhooks;
using Microsoft.Extensions.Options;

namespace HubSpotBus.HubSpotSimulator;

/// <summary>The parts of the simulator, the same in its own process and in a test's.</summary>
public static class Simulator
{
    public static void AddSimulator(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SimulatorOptions>()
            .BindConfiguration(SimulatorOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton(TimeProvider.System);
        AddParts(builder);
    }

    public static void AddSimulator(this WebApplicationBuilder builder, SimulatorOptions options, TimeProvider time)
    {
        builder.Services.AddSingleton(Options.Create(options));
        builder.Services.AddSingleton(time);
        AddParts(builder);
    }

    public static void MapSimulator(this WebApplication app)
    {
        app.UseOnePathForm();
        app.UseRouting();
        app.MapConsent();
        app.MapTokens();
        app.MapRecords();
        app.MapSearch();
        app.MapPrivacyDelete();
        app.MapAssociations();
        app.MapProperties();
        app.MapPipelines();
        app.MapTaxRates();
        app.MapWebhookManagement();
        app.MapJournal();
        app.MapJournalSubscriptions();
        app.MapJournalSnapshots();
        app.MapAccount();
        app.MapAdmin();
        app.MapHomePage();
        app.MapUnknown();
    }

    private static void AddParts(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddSingleton(sp => sp.GetRequiredService<IOptions<SimulatorOptions>>().Value);
        builder.Services.AddSingleton<SimulatorStore>();
        builder.Services.AddSingleton<CallLog>();
        builder.Services.AddSingleton<FaultPlan>();
        builder.Services.AddSingleton<LateCalls>();
        builder.Services.AddSingleton<RateLimits>();
        builder.Services.AddSingleton<Latency>();
        builder.Services.AddSingleton<CallPipeline>();
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddHostedService(sp => sp.GetRequiredService<WebhookSender>());
        builder.Services.AddHostedService<StateFile>();
    }
}
