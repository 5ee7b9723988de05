using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Search on an index that lags behind the writes.</summary>
internal static class SearchEndpoint
{
    private const int MostResults = 10_000;

    public static void MapSearch(this WebApplication app) => app.MapPost("/crm/objects/{version}/{type}/search", SearchAsync);

    private static async Task<IResult> SearchAsync(HttpContext context, string type, SimulatorOptions options, TimeProvider time)
    {
        var records = Records.For(context, type);
        var body = await context.ReadBodyAsync();
        var groups = (body["filterGroups"] as JsonArray ?? []).Select(g => (g!["filters"] as JsonArray ?? []).OfType<JsonObject>().ToList()).ToList();
        if (body["filters"] is JsonArray top)
            groups.Add([.. top.OfType<JsonObject>()]);
        if (groups.Count > 5 || groups.Exists(g => g.Count > 6) || groups.Sum(g => g.Count) > 18)
            throw Errors.Validation("Too many filter groups or filters: at most 5 groups, 6 filters each, 18 in all");
        var limit = Math.Clamp((int?)body["limit"] ?? 10, 1, 200);
        var after = int.Parse((string?)body["after"]?.ToString() ?? "0", CultureInfo.InvariantCulture);
        if (after + limit > MostResults)
            throw Errors.Validation("Search results beyond 10000 cannot be paged");
        var properties = (body["properties"] as JsonArray ?? []).Select(p => (string)p!).ToList();
        var indexed = time.GetUtcNow() - options.SearchIndexDelay;
        lock (records.Portal.Gate)
        {
            var found = records.Table.Records.Values
                .Where(r => !r.Archived && r.UpdatedAt <= indexed && (groups.Count == 0 || groups.Exists(g => g.TrueForAll(f => Matches(r, f)))))
                .OrderBy(r => long.Parse(r.Id)).ToList();
            var answer = new JsonObject
            {
                ["total"] = found.Count,
                ["results"] = new JsonArray([.. found.Skip(after).Take(limit).Select(r => (JsonNode)records.Show(r, properties))]),
            };
            if (after + limit < found.Count)
                answer["paging"] = new JsonObject { ["next"] = new JsonObject { ["after"] = (after + limit).ToString() } };
            return Results.Json(answer);
        }
    }

    private static bool Matches(RecordState record, JsonObject filter)
    {
        var value = record.Properties.GetValueOrDefault((string)filter["propertyName"]!);
        var wanted = filter["value"]?.ToString();
        var among = (filter["values"] as JsonArray ?? []).Select(v => v!.ToString());
        return (string)filter["operator"]! switch
        {
            "EQ" => Same(value, wanted),
            "NEQ" => !Same(value, wanted),
            "HAS_PROPERTY" => value is not null,
            "NOT_HAS_PROPERTY" => value is null,
            "IN" => among.Any(v => Same(value, v)),
            "NOT_IN" => !among.Any(v => Same(value, v)),
            "CONTAINS_TOKEN" => value?.Contains(wanted?.Trim('*') ?? "", StringComparison.OrdinalIgnoreCase) ?? false,
            "GT" => Compare(value, wanted) > 0,
            "GTE" => Compare(value, wanted) >= 0,
            "LT" => Compare(value, wanted) < 0,
            "LTE" => Compare(value, wanted) <= 0,
            "BETWEEN" => Compare(value, wanted) >= 0 && Compare(value, filter["highValue"]?.ToString()) <= 0,
            var other => throw Errors.Validation($"Unknown operator {other}"),
        };
    }

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static int? Compare(string? a, string? b) => a is null || b is null ? null : Comparable(a).CompareTo(Comparable(b));

    // Dates are compared as milliseconds, whichever way they are written.
    private static decimal Comparable(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var date) ? date.ToUnixTimeMilliseconds()
        : 0;
}
