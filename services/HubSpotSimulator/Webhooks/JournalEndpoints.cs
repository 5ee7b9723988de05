using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>The journal of the app, for all accounts; its files lie behind addresses that work for some minutes, without a token.</summary>
internal static class JournalEndpoints
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public static void MapJournal(this IEndpointRouteBuilder routes)
    {
        const string path = "/webhooks-journal/journal/{ver}";
        var journal = routes.ServiceProvider.GetRequiredService<Journal>();
        routes.MapCall("GET", path + "/earliest", new("journal.earliest", NeedsToken: false), call => Tell(call, journal.Earliest));
        routes.MapCall("GET", path + "/latest", new("journal.latest", NeedsToken: false), call => Tell(call, journal.Latest));
        routes.MapCall("GET", path + "/offset/{offset}/next", new("journal.next", NeedsToken: false),
            call => Tell(call, () => journal.After(call.Route("offset"))));
        routes.MapCall("GET", "/webhooks-journal/files/{offset}", new("journal.file", NeedsToken: false), call => Fetch(call, journal));
    }

    private static Answer Tell(ApiCall call, Func<JournalFile?> find)
    {
        BearerTokens.RequireApp(call);
        if (find() is not { } file)
        {
            return Answer.NoContent();
        }

        var expiresAt = call.Now + Lifetime;
        return Answer.Ok(new JsonObject
        {
            ["url"] = $"{call.BaseAddress}/webhooks-journal/files/{file.Offset}?expires={expiresAt.ToUnixTimeMilliseconds()}",
            ["expiresAt"] = Json.Time(expiresAt),
            ["currentOffset"] = file.Offset,
        });
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
