using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 10: is a property that was asked for and has no value null, empty or left out?</summary>
internal static class EmptyProperties
{
    private const int MostSearches = 30;

    public static readonly IReadOnlyList<Fact> Facts =
    [
        .. ObjectType.All.Select(type => new Fact(
            10, $"empty property of {type}: GET, batch read, GET after clearing", "null, null, null", account => ReadAsync(account, type))),
        new(10, "empty property of contacts in a search", "null", SearchAsync),
    ];

    private static async Task<Finding> ReadAsync(ProbedAccount account, ObjectType type)
    {
        var id = await account.MakeAsync(type);
        var path = HubSpotApi.Objects(type, $"/{id}");
        var get = await GetAsync(account, type, path);
        var asked = new { properties = new[] { type.EmptyProperty }, inputs = new[] { new { id } } };
        var batch = HubSpotApi.Needed(await account.PostAsync(HubSpotApi.Objects(type, "/batch/read"), asked), $"read {type} in a batch");
        foreach (var value in (string[])[account.Mark(), ""])
        {
            var properties = new Dictionary<string, string> { [type.EmptyProperty] = value };
            HubSpotApi.Needed(await account.PatchAsync(path, new { properties }), $"write {type.EmptyProperty} of {type}");
        }

        return new($"{get}, {Shown(batch.First, type)}, {await GetAsync(account, type, path)}", $"property {type.EmptyProperty}");
    }

    private static async Task<string> GetAsync(ProbedAccount account, ObjectType type, string path) => Shown(
        HubSpotApi.Needed(await account.GetAsync($"{path}?properties={type.EmptyProperty}"), $"read one of {type}").Body, type);

    /// <summary>Asks until the new record is in the index, a minute at most.</summary>
    private static async Task<Finding> SearchAsync(ProbedAccount account)
    {
        var (type, mark) = (ObjectType.Contacts, account.Mark());
        await account.MakeAsync(type, ("lastname", mark));
        for (var search = 1; search <= MostSearches; search++)
        {
            var answer = HubSpotApi.Needed(
                await account.SearchAsync(type, new
                {
                    filterGroups = new[] { new { filters = new[] { new { propertyName = "lastname", @operator = "EQ", value = mark } } } },
                    properties = new[] { type.EmptyProperty },
                }),
                "search contacts");
            if (answer.Results is [var found, ..])
            {
                var headers = answer.Headers.Any(h => h.Key.StartsWith("X-HubSpot-RateLimit", StringComparison.OrdinalIgnoreCase));
                var detail = $"found by search {search}, one every two seconds; rate headers {(headers ? "there" : "absent")}";
                return new(Shown(found, type), detail);
            }

            await account.WaitAsync(TimeSpan.FromSeconds(2));
        }

        throw new NotAskedException($"A new contact was not found by {MostSearches} searches, one every two seconds; try again later.");
    }

    private static string Shown(JsonObject? record, ObjectType type) => record?["properties"] is not JsonObject properties
        ? "no record"
        : !properties.TryGetPropertyValue(type.EmptyProperty, out var value)
            ? "left out"
            : Answer.TextOf(value) switch { null => "null", "" => "empty", var text => text };
}
