using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot.Adoption;
using HubSpotBus.HubSpot.Batches;
using HubSpotBus.HubSpot.Crm;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Refit;

namespace HubSpotBus.HubSpot;

/// <summary>Where the egress is.</summary>
public sealed class EgressClientOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Egress";

    /// <summary>Address of the Auth service.</summary>
    [Required]
    public Uri? BaseAddress { get; set; }

    /// <summary>The internal service key.</summary>
    [Required]
    public Secret? ServiceKey { get; set; }
}

/// <summary>Registers the client.</summary>
public static class HubSpotRegistration
{
    /// <summary>
    /// Messages that a consumer which calls HubSpot works on at once. They mostly wait for room within a subscription's limits; those of a
    /// slow one must not keep the others' out.
    /// </summary>
    public const int ConsumedAtOnce = 50;

    // Longer than the egress's own waits (240 s, and again for a call repeated after 25 s) and HubSpot's longest answer (100 s), so that only
    // the egress decides to give up.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Adds the HubSpot client; more than one service of a process may.</summary>
    public static void AddHubSpotClient(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(BatchWriter)))
            return;
        builder.Services.AddOptions<EgressClientOptions>().BindConfiguration(EgressClientOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddTransient<EgressHeaders>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RecordReader>();
        builder.Services.AddSingleton<AssociationWriter>();
        builder.Services.AddSingleton<BatchWriter>();
        builder.Services.AddSingleton<OwnProperties>();
        builder.Services.AddSingleton<AccountSchema>();
        builder.Services.AddSingleton<ExistingRecords>();
        builder.Services.AddOptions<LinkOptions>().BindConfiguration(LinkOptions.Section);
        builder.Services.AddSingleton<AdoptionStep>();
        builder.Services.AddSingleton<Adopter>();
        builder.Services.AddSingleton<DeadLinks>();
        builder.Services.AddSingleton<LinkedUpdates>();
        builder.Services.AddSingleton<LinkedWriter>();
        builder.Services.AddRefitGeneratedClient<IHubSpotApi>(new RefitSettings(new SystemTextJsonContentSerializer(Json)))
            .ConfigureHttpClient((provider, http) =>
            {
                http.BaseAddress = provider.GetRequiredService<IOptions<EgressClientOptions>>().Value.BaseAddress;
                http.Timeout = Patience;
            })
            .AddHttpMessageHandler<EgressHeaders>();
    }

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private sealed class EgressHeaders(IOptions<EgressClientOptions> options) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add(ServiceKeys.Header, ServiceKeys.For(options.Value.ServiceKey!.Reveal(), request.RequestUri!));
            request.Headers.Add("X-HubSpotBus-Lane", CallScope.LaneInForce.ToString().ToLowerInvariant());
            return base.SendAsync(request, cancellationToken);
        }
    }
}
