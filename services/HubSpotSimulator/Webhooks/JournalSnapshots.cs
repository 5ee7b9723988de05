using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>What became of a snapshot; without a problem it is in the journal.</summary>
internal sealed record Snapshot(string Id, DateTimeOffset At, string? Problem);

/// <summary>Records as they are now, for the journal. HubSpot takes its time; here all is done when it is answered.</summary>
internal static class JournalSnapshots
{
    private const int Most = 100;

    public static void MapJournalSnapshots(this IEndpointRouteBuilder routes)
    {
        var journal = routes.ServiceProvider.GetRequiredService<Journal>();
        const string path = "/webhooks-journal/snapshots/{ver}/crm";
        routes.MapCall("POST", path, CallKind.ByApp("journal.snapshots.create"), call => Take(call, journal));
        // The guide has it next to the snapshots, the official files next to the journal.
        foreach (var status in (string[])[path, "/webhooks-journal/journal/{ver}", "/webhooks-journal/journal-local/{ver}"])
        {
            routes.MapCall("GET", status + "/status/{id}", CallKind.ByApp("journal.snapshots.status"), call => Status(call, journal));
        }
    }

    private static Answer Take(ApiCall call, Journal journal)
    {
        var requests = call.Body.Objects("snapshotRequests").ToList();
        if (requests.Count is 0 or > Most)
        {
            throw Refusal.Validation($"Invalid input JSON: 'snapshotRequests' must be an array of 1 to {Most} objects");
        }

        var missing = ((string[])["portalId", "objectId", "objectTypeId", "properties"]).Where(f => requests.Exists(r => r[f] is null)).ToList();
        if (missing.Count > 0)
        {
            throw Refusal.Validation($"Invalid input JSON: some required fields were not set: [{string.Join(", ", missing)}]");
        }

        var entries = new List<(long PortalId, JsonNode Entry)>();
        var responses = requests.Select(request =>
        {
            var (entry, problem) = Entry(call, request);
            var snapshot = new Snapshot(RandomId.Uuid(), call.Now, problem);
            journal.Remember(snapshot);
            if (entry is not null)
            {
                entries.Add(((long)entry["portalId"]!, entry));
            }

            return new JsonObject
            {
                ["portalId"] = request["portalId"]!.DeepClone(),
                ["objectId"] = request["objectId"]!.DeepClone(),
                ["objectTypeId"] = request["objectTypeId"]!.DeepClone(),
                ["snapshotStatusId"] = snapshot.Id,
            };
        }).ToArray();
        foreach (var portal in entries.GroupBy(e => e.PortalId))
        {
            journal.Add(portal.Key, call.Now, [.. portal.Select(e => e.Entry)]);
        }

        return Answer.Ok(new JsonObject { ["snapshotResponses"] = new JsonArray([.. responses]) });
    }

    private static (JsonObject? Entry, string? Problem) Entry(ApiCall call, JsonObject request)
    {
        if (!long.TryParse(request.Text("portalId"), out var portalId) || call.Store.Find(portalId) is not { } portal)
        {
            return (null, "PERMISSION_DENIED");
        }

        if (ObjectType.Find(request.Text("objectTypeId") ?? "") is not { } type)
        {
            return (null, "VALIDATION_ERROR");
        }

        lock (portal.Gate)
        {
            return portal.Table(type).Find(request.Text("objectId") ?? "") is { } record
                ? (JournalEntry.OfSnapshot(call.Now, portal, type, record, request.Texts("properties")), null)
                : (null, "VALIDATION_ERROR");
        }
    }

    private static Answer Status(ApiCall call, Journal journal)
    {
        var snapshot = journal.FindSnapshot(call.Route("id")) ?? throw Refusal.NotFound();
        var status = new JsonObject
        {
            ["id"] = snapshot.Id,
            ["status"] = snapshot.Problem is null ? "SUCCESS" : "FAILED",
            ["initiatedAt"] = snapshot.At.ToUnixTimeMilliseconds(),
            ["completedAt"] = snapshot.At.ToUnixTimeMilliseconds(),
        };
        if (snapshot.Problem is not null)
        {
            status["errorCode"] = snapshot.Problem;
        }

        return Answer.Ok(status);
    }
}
