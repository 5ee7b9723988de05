namespace HubSpotBus.Hub.Subscriptions;

/// <summary>A released version of the integration: it fixes HubSpot's API version and the default mapping set.</summary>
public sealed record IntegrationVersion(string Version, string HubSpotApiVersion, string MappingSet, DateOnly ReleasedOn);

internal static class IntegrationVersions
{
    public static readonly IReadOnlyList<IntegrationVersion> Released =
    [
        new("2026.1", "2026-09", "2026.1", new DateOnly(2026, 11, 23)),
        new("2026.1-compat", "2026-03", "2026.1", new DateOnly(2026, 11, 23)),
    ];

    public static IntegrationVersion? Of(string version) => Released.FirstOrDefault(v => v.Version == version);

    public static void MapIntegrationVersions(this RouteGroupBuilder api) => api.MapGet("/versions", () => Released);
}
