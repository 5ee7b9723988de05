using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>
/// The journal of the app, for all accounts or with <c>installPortalId</c> for one; its files lie behind addresses that work for some
/// minutes, without a token.
/// </summary>
internal static class JournalEndpoints
{
    private const int MostInBatch = 100;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private delegate IReadOnlyList<JournalFile> Choice(ApiCall call, int count, long? portalId);

    public static void MapJournal(this IEndpointRouteBuilder routes)
    {
        var journal = routes.ServiceProvider.GetRequiredService<Journal>();
        IReadOnlyList<JournalFile> Next(ApiCall call, int count, long? portalId) => journal.After(call.Route("offset"), count, portalId);
        foreach (var path in (string[])["/webhooks-journal/journal/{ver}", "/webhooks-journal/journal-local/{ver}"])
        {
            Map(path, "/earliest", "/batch/earliest/{count}", "earliest", (_, count, portalId) => journal.Earliest(count, portalId));
            Map(path, "/latest", "/batch/latest/{count}", "latest", (_, count, portalId) => journal.Latest(count, portalId));
            Map(path, "/offset/{offset}/next", "/batch/{offset}/next/{count}", "next", Next);
            routes.MapCall("POST", path + "/batch/read", CallKind.ByApp("journal.batch.read"), call => ReadBatch(call, journal));
        }

        routes.MapCall("GET", "/webhooks-journal/files/{offset}", new("journal.file", NeedsToken: false), call => Fetch(call, journal));

        void Map(string path, string one, string several, string kind, Choice choose)
        {
            routes.MapCall("GET", path + one, CallKind.ByApp($"journal.{kind}"), call => TellOne(call, choose));
            routes.MapCall("GET", path + several, CallKind.ByApp($"journal.batch.{kind}"), call => TellSeveral(call, choose));
        }
    }

    private static Answer TellOne(ApiCall call, Choice choose)
    {
        return choose(call, 1, PortalId(call)) is [var file] ? Answer.Ok(Place(call, file)) : Answer.NoContent();
    }

    private static Answer TellSeveral(ApiCall call, Choice choose)
    {
        return int.TryParse(call.Route("count"), out var count) && count is > 0 and <= MostInBatch
            ? Answer.Batch(call.Now, choose(call, count, PortalId(call)).Select(f => Place(call, f)), [])
            : throw Refusal.Validation($"count must be 1 to {MostInBatch}");
    }

    private static Answer ReadBatch(ApiCall call, Journal journal)
    {
        var offsets = call.Body.Texts("inputs");
        if (offsets.Count is 0 or > MostInBatch)
        {
            throw Refusal.Validation($"Invalid input JSON: 'inputs' must be an array of 1 to {MostInBatch} offsets");
        }

        var portalId = PortalId(call);
        var files = offsets.ToLookup(o => journal.Find(o) is { } file && (portalId is null || file.PortalId == portalId));
        var missing = files[false].Select(offset => new JsonObject
        {
            ["status"] = "error",
            ["category"] = "OBJECT_NOT_FOUND",
            ["message"] = $"There is no journal entry with the offset {offset}.",
            ["context"] = new JsonObject { ["offset"] = new JsonArray(offset) },
        });
        return Answer.Batch(call.Now, files[true].Select(journal.Find).OfType<JournalFile>().Select(f => Place(call, f)), [.. missing]);
    }

    private static long? PortalId(ApiCall call) => call.Query("installPortalId") is not { } given
        ? null
        : long.TryParse(given, out var portalId) ? portalId : throw Refusal.Validation("installPortalId must be a number");

    private static JsonObject Place(ApiCall call, JournalFile file)
    {
        var expiresAt = call.Now + Lifetime;
        return new JsonObject
        {
            ["url"] = $"{call.BaseAddress}/webhooks-journal/files/{file.Offset}?expires={expiresAt.ToUnixTimeMilliseconds()}",
            ["expiresAt"] = Json.Time(expiresAt),
            ["currentOffset"] = file.Offset,
        };
    }

    private static Answer Fetch(ApiCall call, Journal journal)
    {
        if (!long.TryParse(call.Query("expires"), out var expires) || expires <= call.Now.ToUnixTimeMilliseconds())
        {
            return new Answer(403);
        }

        return Answer.Ok(JsonNode.Parse((journal.Find(call.Route("offset")) ?? throw Refusal.NotFound()).Json)!);
    }
}
