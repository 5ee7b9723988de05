using System.Net;
using System.Text;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>What a person sees who opens the simulator in a browser.</summary>
internal static class HomePage
{
    public static void MapHomePage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/", (SimulatorStore store, CallLog calls) =>
            Results.Content(Html(store, calls.Read(TimeSpan.FromSeconds(60))), "text/html; charset=utf-8", Encoding.UTF8));

    private static string Html(SimulatorStore store, CallCounts counts)
    {
        var heads = string.Concat(ObjectType.All.Select(t => $"<th scope='col'>{t.Plural.Replace('_', ' ')}</th>"));
        var rows = string.Concat(store.Portals.Select(Row));
        var calls = string.Concat(counts.ByKind.Select(k => $"<tr><th scope='row'>{k.Key}</th><td>{k.Value}</td></tr>"));
        return $$"""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>HubSpot simulator</title>
            <style>body{font:16px system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}
            table{border-collapse:collapse;margin:1rem 0}th,td{padding:.3rem .8rem;border-bottom:1px solid #ccc;text-align:left}
            td{text-align:right;font-variant-numeric:tabular-nums}</style></head><body><main>
            <h1>HubSpot simulator</h1><p>It behaves like HubSpot's public API for tests and demonstrations. No real account is involved.</p>
            <h2>Accounts</h2><table><thead><tr><th scope="col">Account</th>{{heads}}</tr></thead><tbody>{{rows}}</tbody></table>
            <h2>Calls</h2><p>{{counts.Total}} in all, at most {{counts.MaxInSlidingWindow}} in 60 seconds,
                at most {{counts.MaxAtOnce}} at once.</p>
            <table><thead><tr><th scope="col">Kind</th><th scope="col">Calls</th></tr></thead><tbody>{{calls}}</tbody></table>
            </main></body></html>
            """;
    }

    private static string Row(Portal portal)
    {
        lock (portal.Gate)
        {
            var cells = string.Concat(ObjectType.All.Select(t => $"<td>{portal.Table(t).Count}</td>"));
            return $"<tr><th scope='row'>{WebUtility.HtmlEncode(portal.Name)} ({portal.Id})</th>{cells}</tr>";
        }
    }
}
