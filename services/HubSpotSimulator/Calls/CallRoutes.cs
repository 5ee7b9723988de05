namespace HubSpotBus.HubSpotSimulator.Calls;

internal static class CallRoutes
{
    private static readonly string[] Versions = ["v1", "v2", "v3", "v4", "2026-03", "2026-09"];

    /// <summary>
    /// The versioned paths of old and new API are one: <c>/crm/v3/objects/contacts</c> is served as <c>/crm/objects/v3/contacts</c>.
    /// </summary>
    public static void UseOnePathForm(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var parts = (http.Request.Path.Value ?? "").Split('/');
        if (parts is [_, "crm", var version, var area, ..] && Versions.Contains(version))
        {
            http.Request.Path = string.Join('/', [parts[0], parts[1], area, version, .. parts[4..]]);
        }

        return next(http);
    });

    public static void MapCall(this IEndpointRouteBuilder routes, string method, string pattern, CallKind kind, CallHandler handler)
    {
        var pipeline = routes.ServiceProvider.GetRequiredService<CallPipeline>();
        routes.MapMethods(pattern, [method], http => pipeline.RunAsync(http, kind, handler));
    }

    /// <summary>A path that HubSpot has and the simulator lacks should be seen in the counters, not guessed.</summary>
    public static void MapUnknown(this IEndpointRouteBuilder routes)
    {
        var pipeline = routes.ServiceProvider.GetRequiredService<CallPipeline>();
        foreach (var area in (string[])["crm", "oauth", "account-info", "appinstalls", "webhooks", "app-webhooks", "webhooks-journal", "tax-rates"])
        {
            routes.MapFallback(
                $"/{area}/{{**rest}}", http => pipeline.RunAsync(http, new("unknown", NeedsToken: false), _ => throw Refusal.NotFound()));
        }
    }

    public static bool IsKnownVersion(HttpContext http) =>
        http.GetRouteValue("ver")?.ToString() is not { } version || Versions.Contains(version);
}
