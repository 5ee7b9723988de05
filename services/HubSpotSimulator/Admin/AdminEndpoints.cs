using System.Net;
using System.Text;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>The simulator's own API, for tests and checks, and its page for people.</summary>
internal static class AdminEndpoints
{
    public static void MapAdmin(this WebApplication app)
    {
        var admin = app.MapGroup("/_simulator");
        admin.MapGet("/counters", (CallLog log, double? windowSeconds) => new
        {
            total = log.Total,
            byKind = log.ByKind.OrderBy(k => k.Key).ToDictionary(),
            byStatus = log.ByStatus.OrderBy(s => s.Key).ToDictionary(s => s.Key.ToString(), s => s.Value),
            maxInSlidingWindow = log.MostWithin(TimeSpan.FromSeconds(windowSeconds ?? 60)),
            maxAtOnce = log.MostAtOnce,
        });
        admin.MapPost("/counters/reset", (CallLog log) => log.Reset());
        admin.MapGet("/latency", (SimulatorOptions options) => new { milliseconds = options.LatencyMilliseconds });
        admin.MapPut("/latency", (SimulatorOptions options, Latency latency) => options.LatencyMilliseconds = latency.Milliseconds);
        admin.MapGet("/faults", (FaultPlan faults) => faults.All);
        admin.MapPost("/faults", (FaultPlan faults, Fault fault) => faults.Add(fault));
        admin.MapDelete("/faults", (FaultPlan faults) => faults.Clear());
        admin.MapPost("/reset", (SimulatorStore store, CallLog log, FaultPlan faults) =>
        {
            store.Reset();
            log.Reset();
            faults.Clear();
        });
        admin.MapGet("/portals", (SimulatorStore store) => store.Portals.Select(p => new { id = p.Id, name = p.Name, records = Counts(p) }));
        admin.MapGet("/portals/{id:long}/records/{type}", (SimulatorStore store, long id, string type) => Records(store.Portal(id), type));
        app.MapGet("/", (SimulatorStore store, CallLog log) => Results.Content(Page(store, log), "text/html; charset=utf-8"));
    }

    private static Dictionary<string, int> Counts(Portal portal)
    {
        lock (portal.Gate)
            return portal.Tables.ToDictionary(t => t.Key, t => t.Value.Records.Values.Count(r => !r.Archived));
    }

    private static List<object> Records(Portal portal, string type)
    {
        lock (portal.Gate)
        {
            var kind = ObjectKind.Of(type)!;
            return [.. portal.Tables[kind.Name].Records.Values.Where(r => !r.Archived).Select(r => new
            {
                id = r.Id,
                properties = r.Properties.ToDictionary(),
                associations = ObjectKind.All
                    .Select(to => (to.Name, Ids: portal.AssociatedIds(kind.Name, r.Id, to.Name)))
                    .Where(a => a.Ids.Count > 0)
                    .ToDictionary(a => a.Name, a => a.Ids.ToList()),
            })];
        }
    }

    private static string Page(SimulatorStore store, CallLog log)
    {
        var html = new StringBuilder("<!doctype html><html lang=en><meta charset=utf-8><title>HubSpot simulator</title><style>"
            + "body{font:15px system-ui;margin:2rem;max-width:60rem}table{border-collapse:collapse;margin-bottom:1rem}td,th{padding:.2rem .8rem;text-align:left;border-bottom:1px solid #ddd}</style>"
            + "<h1>HubSpot simulator</h1>");
        foreach (var portal in store.Portals)
        {
            html.Append($"<h2>{WebUtility.HtmlEncode(portal.Name)} ({portal.Id})</h2><table><tr><th>Object<th>Records");
            foreach (var (type, count) in Counts(portal))
                html.Append($"<tr><td><a href=\"/_simulator/portals/{portal.Id}/records/{type}\">{type}</a><td>{count}");
            html.Append("</table>");
        }

        html.Append($"<h2>{log.Total} calls</h2><p>At most {log.MostWithin(TimeSpan.FromSeconds(60))} in 60 s, {log.MostAtOnce} at one moment.</p><table>");
        foreach (var (kind, count) in log.ByKind.OrderBy(k => k.Key))
            html.Append($"<tr><td>{kind}<td>{count}");
        return html.Append("</table></html>").ToString();
    }

    private sealed record Latency(int Milliseconds);
}
