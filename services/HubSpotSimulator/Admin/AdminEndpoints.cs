using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Limits;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.HubSpotSimulator.Webhooks;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>The simulator's own interface: what it counted, what it holds, and what shall fail.</summary>
internal static class AdminEndpoints
{
    private sealed record LatencySetting(int Milliseconds);

    public static readonly JsonSerializerOptions AdminJson = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/_simulator");
        admin.MapGet("/counters", (CallLog calls, double windowSeconds = 60) => Said(calls.Read(TimeSpan.FromSeconds(windowSeconds))));
        admin.MapGet("/portals/{id:long}/counters", (long id, CallLog calls, SimulatorStore store, double windowSeconds = 60) =>
            store.Find(id) is null ? Results.NotFound() : Said(calls.Read(TimeSpan.FromSeconds(windowSeconds), id)));
        admin.MapPost("/counters/reset", (CallLog calls) =>
        {
            calls.Reset();
            return Results.NoContent();
        });
        admin.MapGet("/latency", (Latency latency) => Said(new LatencySetting(latency.Milliseconds)));
        admin.MapPut("/latency", (LatencySetting setting, Latency latency) =>
        {
            latency.Milliseconds = Math.Max(0, setting.Milliseconds);
            return Said(new LatencySetting(latency.Milliseconds));
        });
        admin.MapPost("/faults", (Fault fault, FaultPlan faults) => Said(faults.Add(fault), 201));
        admin.MapGet("/faults", (FaultPlan faults) => Said(faults.All()));
        admin.MapDelete("/faults", (FaultPlan faults) =>
        {
            faults.Clear();
            return Results.NoContent();
        });
        admin.MapDelete("/faults/{id}", (string id, FaultPlan faults) => faults.Remove(id) ? Results.NoContent() : Results.NotFound());
        admin.MapPost("/reset", Reset);
        admin.MapGet("/portals", (SimulatorStore store) => Said(store.Portals.Select(Summary)));
        admin.MapGet("/portals/{id:long}/records/{type}", Records);
        admin.MapGet("/portals/{id:long}/switches", (long id, SimulatorStore store) =>
            store.Find(id) is { } portal ? Said(portal.Switches) : Results.NotFound());
        admin.MapPut("/portals/{id:long}/switches", SetSwitchesAsync);
        admin.MapPeoplesChanges();
        admin.MapWebhookSettings();
    }

    /// <summary>The whole set: what is not named has its default.</summary>
    private static async Task<IResult> SetSwitchesAsync(long id, HttpRequest request, SimulatorStore store)
    {
        if (store.Find(id) is not { } portal)
        {
            return Results.NotFound();
        }

        var (switches, problem) = await ReadAsync<PortalSwitches>(request);
        if (problem is not null)
        {
            return Said(new { message = problem }, 400);
        }

        portal.Set(switches!, store.Now);
        return Said(portal.Switches);
    }

    /// <summary>Unknown names are refused, so that nothing misspelt seems to work.</summary>
    public static async Task<(T? Value, string? Problem)> ReadAsync<T>(HttpRequest request)
        where T : class, new()
    {
        try
        {
            return (await JsonSerializer.DeserializeAsync<T>(request.Body, AdminJson, request.HttpContext.RequestAborted) ?? new(), null);
        }
        catch (JsonException problem)
        {
            return (null, problem.Message);
        }
    }

    public static JsonObject Summary(Portal portal)
    {
        lock (portal.Gate)
        {
            var counts = ObjectType.All.Select(t => KeyValuePair.Create(t.Plural, (JsonNode?)JsonValue.Create(portal.Table(t).Count)));
            return new JsonObject { ["id"] = portal.Id, ["name"] = portal.Name, ["records"] = new JsonObject(counts) };
        }
    }

    /// <summary>Everything as at the start: records, grants, counters, faults and windows; the latency setting too.</summary>
    private static IResult Reset(
        SimulatorStore store, CallLog calls, FaultPlan faults, LateCalls late, WebhookSender webhooks, RateLimits limits, Latency latency,
        SimulatorOptions options)
    {
        store.Reset();
        calls.Reset();
        faults.Clear();
        late.Clear();
        webhooks.Clear();
        limits.Clear();
        latency.Milliseconds = options.LatencyMilliseconds;
        return Results.NoContent();
    }

    /// <summary>All live records with all their properties and, per type, the ids they are tied to.</summary>
    private static IResult Records(long id, string type, SimulatorStore store)
    {
        if (store.Find(id) is not { } portal || ObjectType.Find(type) is not { } known)
        {
            return Results.NotFound();
        }

        lock (portal.Gate)
        {
            return Said(portal.Table(known).Live.Select(r => new JsonObject
            {
                ["id"] = r.Id,
                ["properties"] = new JsonObject(r.Properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value)))),
                ["associations"] = Ties(portal, known, r.Id),
                ["createdAt"] = Json.Time(r.CreatedAt),
                ["updatedAt"] = Json.Time(r.UpdatedAt),
            }).ToArray());
        }
    }

    private static JsonObject Ties(Portal portal, ObjectType type, string id) => new(ObjectType.All
        .Select(other => (other.Plural, Ties: portal.Associations.Of(type, id, other)))
        .Where(t => t.Ties.Count > 0)
        .Select(t => KeyValuePair.Create(t.Plural, (JsonNode?)new JsonArray([.. t.Ties.Select(tie => new JsonObject
        {
            ["id"] = tie.Key.ToString(),
            ["types"] = new JsonArray([.. tie.Value.Select(typeId => JsonValue.Create(typeId))]),
        })]))));

    public static IResult Said<T>(T value, int status = 200) => Results.Json(value, AdminJson, statusCode: status);
}
