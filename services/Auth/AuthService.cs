using HubSpotBus.Auth.Connecting;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Egress.Limits;
using HubSpotBus.Auth.HubSpotApp;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Auth.Webhooks;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace HubSpotBus.Auth;

public static class AuthService
{
    public static void AddAuth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<HubSpotAppOptions>().BindConfiguration(HubSpotAppOptions.Section)
            .PostConfigure(app => app.ClientSecret = app.ClientSecret.IsEmpty && app.ClientSecretFile is { Length: > 0 } file
                ? File.ReadAllText(file).Trim()
                : app.ClientSecret)
            .ValidateDataAnnotations().Validate(app => app.AllowsApiUrl(app.ApiUrl), "HubSpotApp:ApiUrl is not HubSpot's, and not among HubSpotApp:AdditionalApiHosts.")
            .Validate(app => PublicUrl.IsRoot(app.PublicUrl), PublicUrl.NotRoot("HubSpotApp:PublicUrl"))
            .ValidateOnStart();
        services.AddOptions<EgressOptions>().BindConfiguration(EgressOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.ServiceKey.Reveal().Length >= 16, "Egress:ServiceKey, the key of the services, needs at least 16 characters.").ValidateOnStart();
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section);
        services.AddOptions<ConnectingOptions>().BindConfiguration(ConnectingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.AddServiceDatabase<AuthDb>();
        services.AddDataProtection().SetApplicationName("HubSpotBus");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<DataOptions>, ILoggerFactory>((keys, data, logs) =>
            keys.XmlRepository = new FileSystemXmlRepository(KeyFolder(data.Value), logs));

        services.AddSingleton<TokenVault>();
        services.AddSingleton<AppCredentials>();
        services.AddSingleton<TestApp>();
        services.AddSingleton<TokenRequests>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<ConnectionHealth>();
        services.AddSingleton<RevokeGrants>();
        services.AddScoped<AuthoriseConnection>();
        services.AddHostedService<TendConnections>();

        services.AddSingleton<WebhookIntake>();
        services.AddSingleton<WebhookMeter>();

        services.AddSingleton<Throttle>();
        services.AddSingleton<HubSpotLimits>();
        services.AddSingleton<ShareLimits>();
        services.AddHostedService(provider => provider.GetRequiredService<ShareLimits>());
        services.AddSingleton<LiveConnections>();
        services.AddSingleton<EgressMeter>();
        services.AddSingleton<ShareReadings>();
        services.AddHostedService(provider => provider.GetRequiredService<ShareReadings>());
        services.AddSingleton<HubSpotAttempts>();
        services.AddSingleton<HubSpotCalls>();
        services.AddHttpClient(HubSpotAttempts.HttpClientName).ConfigurePrimaryHttpMessageHandler(HubSpotAttempts.Handler);
    }

    public static void AddAuthConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddDurableConsumer<RememberSubscriptionConsumer, AuthDb>();
        bus.AddDurableConsumer<ProbeAccountConsumer, AuthDb>(endpointName: Address.EndpointOf<ProbeAccount>());
        bus.AddDurableConsumer<IdentifyAccountConsumer, AuthDb>();
        // One at a time: HubSpot waits for the next webhook to be stored, and for this nobody.
        bus.AddDurableConsumer<SortHubSpotEventsConsumer, AuthDb>(concurrency: 1, endpointName: Address.EndpointOf<SortHubSpotEvents>());
        bus.AddDurableSaga<ConnectingStateMachine, ConnectingState, AuthDb>();
    }

    public static void MapAuth(this WebApplication app)
    {
        // Not for who is signed in to a portal in the same process: ticket, state, signature and service key decide here. Nor is it public API.
        var all = app.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        all.MapReceiveWebhook();

        var browsers = all.MapGroup("").AddEndpointFilter<RequireOwnAddress>();
        browsers.MapBeginConnecting();
        browsers.MapFinishConnecting();

        var inside = all.MapGroup("").AddEndpointFilter<RequireServiceKey>();
        inside.MapEgress();
        inside.MapConnectWithToken();
        inside.MapDisconnect();
        inside.MapConnectionStatus();
        inside.MapMeter();
        inside.MapShowApp();
        inside.MapStoreApp();
    }

    // Whoever reads the keys reads the tokens: the folder is the owner's alone.
    private static DirectoryInfo KeyFolder(DataOptions data)
    {
        var path = Path.Combine(data.Folder, "keys");
        return OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
