using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Search sees the records as they were some seconds ago.</summary>
internal static class SearchEndpoint
{
    private const int MostCharacters = 3000;

    public static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.MapCall("POST", "/crm/objects/{ver}/{type}/search", new("{type}.search", LimitRule.Search), Search);

    private static Answer Search(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "read");
        var limit = call.Body.Number("limit") ?? 10;
        var offset = call.Body.Number("after") ?? 0;
        if (limit is < 1 or > 200 || offset < 0 || offset + limit > 10_000)
        {
            throw Refusal.Validation("A search has pages of at most 200 and reaches 10,000 records");
        }

        if (call.BodyLength > MostCharacters)
        {
            throw Refusal.Validation($"The body of a search has at most {MostCharacters} characters");
        }

        var groups = Groups(call.Body);
        lock (call.Portal.Gate)
        {
            groups = groups.ConvertAll(g => g.ConvertAll(f => f.Associated is null
                ? f with { HeedsCase = Known(call.Portal, type, f.Property).Type == "enumeration" }
                : f));

            call.Portal.Table(type).Index.CatchUp(call.Now);
            var (total, page) = Find(call, type, groups, limit, offset);
            var asked = call.Body["properties"] is JsonArray { Count: > 0 } ? call.Body.Texts("properties") : null;
            var reader = new RecordReader(call.Portal, type, asked);
            var body = new JsonObject
            {
                ["total"] = total,
                ["results"] = new JsonArray([.. page.Select(r => reader.Read(r))]),
            };
            if (offset + limit < total)
            {
                body["paging"] = new JsonObject { ["next"] = new JsonObject { ["after"] = (offset + limit).ToString() } };
            }

            return Answer.Ok(body);
        }
    }

    private static List<List<SearchFilter>> Groups(JsonObject body)
    {
        var groups = body.Objects("filterGroups").Select(g => g.Objects("filters").Select(SearchFilter.Read).ToList()).ToList();
        if (body["filters"] is JsonArray { Count: > 0 })
        {
            groups.Add([.. body.Objects("filters").Select(SearchFilter.Read)]);
        }

        return groups.Count <= 5 && groups.All(g => g.Count <= 6) && groups.Sum(g => g.Count) <= 18
            ? groups
            : throw Refusal.Validation("A search has at most 5 filter groups, 6 filters in each and 18 in all");
    }

    private static PropertyDefinition Known(Portal portal, ObjectType type, string name) => portal.Properties(type).Find(name)
        ?? throw Refusal.Validation($"There was a problem with the request: property {name} does not exist on {type.LegacyName}");

    private static (int Total, IEnumerable<CrmRecord> Page) Find(
        ApiCall call, ObjectType type, List<List<SearchFilter>> groups, int limit, int offset)
    {
        var index = call.Portal.Table(type).Index;
        var query = call.Body.Text("query");
        var sort = Sort.Read(call.Body);
        if (sort is not null)
        {
            Known(call.Portal, type, sort.Property);
        }

        // All changes since some time, oldest first: this is how integrations pull, and it may leave everything in.
        if (groups is [[{ Operator: not "EQ" } only]] && only.Property == sort?.Property && !sort.Descending
            && string.IsNullOrEmpty(query) && only.Range(type) is { } range)
        {
            var (count, records) = index.In(only.Property, range, offset);
            return (count, records.Take(limit));
        }

        var found = Candidates(call.Portal, type, groups)
            .Where(r => Asked(type, r, query) && Matches(call.Portal, type, r, groups))
            .ToList();
        return (found.Count, (sort is null ? found.OrderBy(r => long.Parse(r.Id)) : found.Order(sort)).Skip(offset).Take(limit));
    }

    /// <summary>One filter of each group finds the candidates; if a group has none that can, all records are looked at.</summary>
    private static IEnumerable<CrmRecord> Candidates(Portal portal, ObjectType type, List<List<SearchFilter>> groups)
    {
        var served = groups
            .Select(g => g.OrderBy(f => f.Operator is "EQ" ? 0 : 1)
                .Select(f => f.Candidates(portal, type))
                .FirstOrDefault(c => c is not null))
            .ToList();
        return served switch
        {
            [{ } only] => only,
            [] => portal.Table(type).Index.All,
            _ when served.Contains(null) => portal.Table(type).Index.All,
            _ => served.SelectMany(c => c!).DistinctBy(r => r.Id),
        };
    }

    private static bool Matches(Portal portal, ObjectType type, CrmRecord record, List<List<SearchFilter>> groups) =>
        groups.Count == 0 || groups.Any(g => g.All(f => f.Associated is { } other
            ? portal.Associations.Of(type, record.Id, other).Keys.Any(id => id.ToString() == f.Value)
            : f.Matches(record[f.Property])));

    private static bool Asked(ObjectType type, CrmRecord record, string? query) => string.IsNullOrEmpty(query)
        || type.QueryProperties.Any(p => record[p]?.Contains(query, StringComparison.OrdinalIgnoreCase) == true);

    private sealed record Sort(string Property, bool Descending) : IComparer<CrmRecord>
    {
        public static Sort? Read(JsonObject body)
        {
            if (body["sorts"] is not JsonArray { Count: > 0 } sorts)
            {
                return null;
            }

            return sorts switch
            {
                [JsonObject sort] => new(sort.Text("propertyName") ?? "", sort.Text("direction") is "DESCENDING"),
                [var name] => new(name.Text()?.TrimStart('-') ?? "", name.Text()?.StartsWith('-') == true),
                _ => throw Refusal.Validation("A search has at most one sort"),
            };
        }

        public int Compare(CrmRecord? x, CrmRecord? y) =>
            (SearchFilter.Compare(x![Property] ?? "", y![Property] ?? "") * (Descending ? -1 : 1)) is not 0 and var difference
                ? difference
                : string.CompareOrdinal(x.Id, y.Id);
    }
}
