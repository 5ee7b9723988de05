using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.HubSpotSimulator.Webhooks;

namespace HubSpotBus.HubSpotSimulator.Admin;

/// <summary>What a person sees who opens the simulator: what it holds, what was asked of it, and what is made to fail.</summary>
internal static class HomePage
{
    public static void MapHomePage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (SimulatorStore store, CallLog calls, FaultPlan faults, WebhookSender webhooks) => Page.Of(
            "HubSpot simulator",
            $"""
             <p>It behaves like HubSpot's public API for tests and demonstrations. No real account is involved.</p>
             {Accounts(store)}{Switches(store)}{Faults(faults)}{Webhooks(store, webhooks)}{Calls(calls)}
             """));
        routes.MapRecordPages();
    }

    private static string Accounts(SimulatorStore store) => "<h2>Accounts</h2>" + Page.Table(
        ["Account", .. ObjectType.All.Select(t => t.Plural.Replace('_', ' '))],
        store.Portals.Select(p => (string[])
        [
            Page.Encode($"{p.Name} ({p.Id})"),
            .. ObjectType.All.Select(t => $"<td class='n'><a href='/accounts/{p.Id}/{t.Plural}'>{Count(p, t)}</a></td>"),
        ]));

    private static int Count(Portal portal, ObjectType type)
    {
        lock (portal.Gate)
        {
            return portal.Table(type).Count;
        }
    }

    private static string Switches(SimulatorStore store)
    {
        var usual = Members(new PortalSwitches());
        var rows = store.Portals
            .SelectMany(p => Members(p.Switches).Where(s => !JsonNode.DeepEquals(s.Value, usual[s.Key])).Select(s => (string[])
                [Page.Encode($"{p.Name} ({p.Id})"), Page.Cell(s.Key), Page.Cell(s.Value?.ToJsonString())]))
            .ToList();
        return "<h2>Switches in force</h2>"
            + (rows.Count == 0 ? "<p>None: all accounts are as usual.</p>" : Page.Table(["Account", "Switch", "Value"], rows));
    }

    private static JsonObject Members(PortalSwitches switches) =>
        (JsonObject)JsonSerializer.SerializeToNode(switches, AdminEndpoints.AdminJson)!;

    private static string Faults(FaultPlan faults)
    {
        var rows = faults.All().Select(f => (string[])
        [
            Page.Encode(f.Id),
            Page.Cell(f.Match.Kind ?? f.Match.PathContains ?? "every call"),
            Page.Cell(f.Status switch { null => "delayed", 0 => "connection cut", { } status => status.ToString() }),
            Page.Cell(f.When),
            Page.Cell(f.Rate is { } rate ? $"{rate:P0}" : "always"),
            Page.Cell(f.Times is { } left ? $"{left} left" : ""),
            Page.Cell(f.DelayMilliseconds > 0 ? $"{f.DelayMilliseconds} ms" : ""),
        ]).ToList();
        return "<h2>Faults in force</h2>" + (rows.Count == 0
            ? "<p>None.</p>"
            : Page.Table(["Fault", "Calls", "Answer", "When", "Rate", "Times", "Delay"], rows));
    }

    private static string Webhooks(SimulatorStore store, WebhookSender webhooks)
    {
        if (store.Webhooks.TargetUrl is not { } target)
        {
            return "<h2>Webhooks</h2><p>They go nowhere.</p>";
        }

        var deliveries = webhooks.Deliveries.Take(20)
            .Select(d => (string[])[$"{d.At:HH:mm:ss.fff}", Page.Cell(d.Attempt), Page.Cell(d.Events), Page.Cell(d.Status)]);
        return $"<h2>Webhooks</h2><p>{store.Webhooks.Subscriptions.Count} subscriptions, to {Page.Encode(target.OriginalString)}.</p>"
            + Page.Table(["Sent", "Attempt", "Events", "Status"], deliveries);
    }

    private static string Calls(CallLog calls)
    {
        var counts = calls.Read(TimeSpan.FromSeconds(60));
        return $"<h2>Calls</h2><p>{counts.Total} in all, at most {counts.MaxInSlidingWindow} in 60 seconds, "
            + $"at most {counts.MaxAtOnce} at once.</p>"
            + Page.Table(["Kind", "Calls"], counts.ByKind.Select(k => (string[])[Page.Encode(k.Key), Page.Cell(k.Value)]))
            + "<h2>The latest calls</h2>"
            + Page.Table(["Time", "Kind", "Status", "ms"], calls.Latest.Take(200).Select(c => (string[])
                [$"{c.At:HH:mm:ss.fff}", Page.Cell(c.Kind), Page.Cell(c.Status), Page.Cell((long)c.Took.TotalMilliseconds)]));
    }
}
