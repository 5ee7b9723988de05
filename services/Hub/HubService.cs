using System.ComponentModel.DataAnnotations;
using HubSpotBus.Hub.Access;
using HubSpotBus.Hub.ActivityLog;
using HubSpotBus.Hub.BatchExecutions;
using HubSpotBus.Hub.Companies;
using HubSpotBus.Hub.HubSpotApp;
using HubSpotBus.Hub.Pages;
using HubSpotBus.Hub.Records;
using HubSpotBus.Hub.Subscriptions;
using HubSpotBus.Hub.Transfers;
using HubSpotBus.ServiceDefaults;
using MassTransit;
using OpenTelemetry.Metrics;
using Scalar.AspNetCore;

namespace HubSpotBus.Hub;

public sealed class HubOptions
{
    public const string Section = "Hub";

    /// <summary>The administrator's API key; made at first start when empty.</summary>
    public Secret? AdminKey { get; set; }

    /// <summary>Base of the page that an operator opens to connect; the address of the request when empty.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>The address of this installation as its user sees it.</summary>
    public Uri RootOf(HttpRequest request) => PublicUrl ?? new Uri($"{request.Scheme}://{request.Host}");

    /// <summary>A postponed transfer comes again after unit x n x (n+1).</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan RetryUnit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// After this no call is begun for a batch execution: what is unfinished is postponed. Long enough for ten at once that share five
    /// calls a minute, and with <see cref="LastCall"/> shorter than the broker waits for a consumer.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:47:00")]
    public TimeSpan BatchDeadline { get; set; } = TimeSpan.FromMinutes(45);

    /// <summary>
    /// How long a call may last that was begun before the deadline, the clocks' difference included: the clients wait ten minutes for one. Only
    /// then is a batch execution given up that has not said how it ended, so that nothing of it is under way when its records go with another.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:12:00")]
    public TimeSpan LastCall { get; set; } = TimeSpan.FromMinutes(12);
}

public static class HubService
{
    public static void AddHub(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<HubDb>();
        builder.Services.AddOptions<HubOptions>().BindConfiguration(HubOptions.Section).ValidateDataAnnotations()
            .Validate(hub => PublicUrl.IsRoot(hub.PublicUrl), PublicUrl.NotRoot("Hub:PublicUrl")).ValidateOnStart();
        builder.Services.AddOptions<ConnectOptions>().BindConfiguration(ConnectOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddTransient<AuthClient.ShowKey>();
        builder.Services.AddHttpClient<AuthClient>(AuthClient.Configure).AddHttpMessageHandler<AuthClient.ShowKey>();
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi(api => api.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "HubSpotBus API";
            return Task.CompletedTask;
        }));
        builder.Services.AddSingleton<AdminKey>();
        builder.Services.AddScoped<Callers>();
        builder.Services.AddScoped<Sessions>();
        builder.Services.AddScoped<BeginConnecting>();
        builder.Services.AddScoped<RecordSaver>();
        builder.Services.AddScoped<Planner>();
        builder.Services.AddScoped<PlanningSweep>();
        builder.Services.AddScoped<Slots>();
        builder.Services.AddScoped<GivingUp>();
        builder.Services.AddSingleton<PlanningSignal>();
        builder.Services.AddSingleton<BatchSignals>();
        builder.Services.AddSingleton<SubscriptionQueues>();
        builder.Services.AddHostedService<PlanningLoop>();
        builder.Services.AddSingleton<HubMeter>();
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddInstrumentation<HubMeter>());
    }

    public static void AddHubConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddDurableConsumer<FollowConnectionConsumer, HubDb>(concurrency: 1);
        bus.AddDurableConsumer<RecordOutcomesConsumer, HubDb>(concurrency: 4);
    }

    public static void MapHub(this WebApplication app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference("/scalar", page => page
            .WithTitle("HubSpotBus API").HideDeveloperTools().HideClientButton().DisableAgent().DisableMcp().DisableTelemetry());
        app.MapSignInPage();
        app.MapStatusPage();
        app.MapConnectPage();
        app.MapHubSpotAppPage();

        var api = app.MapGroup("/api").AddEndpointFilter<RequireKey>();
        api.Tagged("Companies").MapCompanies();

        var company = api.MapGroup("/companies/{companyId:guid}");
        company.Tagged("Records").MapRecords();
        company.Tagged("Subscriptions").MapSubscriptions();
        company.Tagged("Activity").MapActivity();

        var subscription = company.MapGroup("/subscriptions/{subscriptionId:guid}").AddEndpointFilter<RequireSubscription>();
        subscription.Tagged("Subscriptions").MapSubscription();
        subscription.Tagged("Connections").MapConnection();
        subscription.Tagged("Transfers").MapTransfers();
        subscription.Tagged("Batch executions").MapBatchExecutions();
        api.Tagged("HubSpot app").MapHubSpotApp();
        api.Tagged("Integration versions").MapIntegrationVersions();
    }

    private static RouteGroupBuilder Tagged(this RouteGroupBuilder group, string tag) => group.MapGroup("").WithTags(tag);
}
