using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit.Logging;
using MassTransit.Monitoring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace HubSpotBus.ServiceDefaults;

public static class ServiceDefaultsExtensions
{
    /// <summary>Name of the project's own meter and activity source.</summary>
    public const string TelemetryName = "HubSpotBus";

    /// <summary>Logs of the web host that carry queries, and with them the code and the state of an approval.</summary>
    public static readonly IReadOnlyList<string> LogsWithQueries =
        ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Http.Result.RedirectResult"];

    /// <summary>What every process has: JSON logs, traces and metrics, health, a clock, and no core file of a crash.</summary>
    public static void AddServiceDefaults(this WebApplicationBuilder builder, string service)
    {
        CoreFiles.Forbid();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks();
        builder.Services.AddSerilog(logger => LogsWithQueries.Aggregate(logger, (all, log) => all.MinimumLevel.Override(log, LogEventLevel.Warning))
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // Its warnings are retries of database conflicts, which are everyday; what is given up lies among the dead letters.
            .MinimumLevel.Override("MassTransit", LogEventLevel.Error)
            // What it calls an error arrives as an exception as well, which is handled, or logged, where it arrives.
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore", LogEventLevel.Fatal)
            .ReadFrom.Configuration(builder.Configuration)
            .Enrich.FromLogContext()
            .Enrich.WithProperty("Service", service)
            .WriteTo.Console(new RenderedCompactJsonFormatter()));

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService($"hubspotbus-{service}"))
            .WithTracing(tracing => tracing
                .AddSource(TelemetryName, DiagnosticHeaders.DefaultListenerName, Handover.ActivitySourceName)
                .AddAspNetCoreInstrumentation(web => web.Filter = context => !context.Request.Path.StartsWithSegments("/health"))
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics.AddMeter(TelemetryName, InstrumentationOptions.MeterName).AddAspNetCoreInstrumentation());
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();
    }

    /// <summary>Health endpoints: live (the process answers) and ready (bus and store work).</summary>
    public static void MapServiceDefaults(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready");
    }
}
