using System.Text.Json.Nodes;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>
/// Batch calls. Without a unique trace id on every input one bad input refuses all and nothing is written; with them the answer is
/// 207 and only the bad ones are refused.
/// </summary>
internal static class BatchEndpoints
{
    private const int MaxInputs = 100;

    public static void MapBatches(this WebApplication app)
    {
        var batch = app.MapGroup("/crm/objects/{version}/{type}/batch");
        batch.MapPost("/create", (HttpContext context, string type) => WriteAsync(context, type, 201, Create));
        batch.MapPost("/update", (HttpContext context, string type) => WriteAsync(context, type, 200, Update, input => (string?)input["id"]));
        batch.MapPost("/upsert", (HttpContext context, string type) => WriteAsync(context, type, 200, Upsert, UpsertKey, shuffled: true));
        batch.MapPost("/read", ReadAsync);
        batch.MapPost("/archive", async (HttpContext context, string type) =>
        {
            var records = Records.For(context, type);
            var inputs = (await context.ReadBodyAsync()).Inputs(MaxInputs);
            lock (records.Portal.Gate)
            {
                foreach (var input in inputs)
                    records.Archive(input["id"]!.ToString());
            }

            return Results.NoContent();
        });
    }

    private static async Task<IResult> WriteAsync(
        HttpContext context, string type, int success, Func<Records, JsonObject, bool, JsonObject?> write,
        Func<JsonObject, string?>? key = null, bool shuffled = false)
    {
        var records = Records.For(context, type);
        var inputs = (await context.ReadBodyAsync()).Inputs(MaxInputs);
        if (key is not null)
            RefuseDuplicates(inputs, key);
        var traceIds = inputs.Select(i => (string?)i["objectWriteTraceId"]).ToList();
        var partial = traceIds.TrueForAll(t => t is not null) && traceIds.Distinct().Count() == traceIds.Count;
        var results = new List<JsonNode>();
        var errors = new JsonArray();
        lock (records.Portal.Gate)
        {
            if (!partial)
                CheckAll(records, inputs, write);
            foreach (var input in inputs)
            {
                try
                {
                    write(records, input, true);
                    results.Add(write(records, input, false)!);
                }
                catch (RefusedException refused) when (partial)
                {
                    errors.Add(Entry(refused, (string)input["objectWriteTraceId"]!));
                }
            }
        }

        if (shuffled)
            Random.Shared.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(results));
        return Results.Json(Answer(results, errors), statusCode: errors.Count > 0 ? 207 : success);
    }

    // All or nothing: every input is checked, also against the others, before the first is written.
    private static void CheckAll(Records records, List<JsonObject> inputs, Func<Records, JsonObject, bool, JsonObject?> write)
    {
        foreach (var property in records.Table.UniqueProperties())
        {
            var twice = inputs.Select(i => Records.PropertiesOf(i).GetValueOrDefault(property)).Where(v => !string.IsNullOrEmpty(v))
                .GroupBy(v => v!, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
            if (twice is not null)
                throw Errors.ValueTaken(records.Portal.Id, records.Kind.Legacy, property, twice.Key, "new record", "another input");
        }

        foreach (var input in inputs)
            write(records, input, true);
    }

    private static JsonObject? Create(Records records, JsonObject input, bool checkOnly)
    {
        var properties = Records.PropertiesOf(input);
        var associations = input["associations"] as JsonArray;
        if (checkOnly)
        {
            records.Check(properties, null, associations);
            return null;
        }

        return records.Show(records.Create(properties, associations), properties.Keys, (string?)input["objectWriteTraceId"]);
    }

    private static JsonObject? Update(Records records, JsonObject input, bool checkOnly)
    {
        var id = input["id"]?.ToString() ?? "";
        var record = records.Find(id, null) ?? throw Errors.Error(404, "Could not get some objects, they may be deleted or not exist. Check that ids are valid.",
            "OBJECT_NOT_FOUND", new JsonObject { ["ids"] = new JsonArray(id) });
        var properties = Records.PropertiesOf(input);
        if (checkOnly)
        {
            records.Check(properties, record);
            return null;
        }

        records.Set(record, properties);
        return records.Show(record, properties.Keys, (string?)input["objectWriteTraceId"]);
    }

    private static JsonObject? Upsert(Records records, JsonObject input, bool checkOnly)
    {
        var idProperty = (string?)input["idProperty"] ?? throw Errors.Validation("idProperty is required in each input");
        var id = input["id"]?.ToString() ?? "";
        var record = records.Find(id, idProperty);
        var properties = Records.PropertiesOf(input);
        properties[idProperty] = id;
        if (checkOnly)
        {
            records.Check(properties, record);
            return null;
        }

        var isNew = record is null;
        if (record is null)
            record = records.Create(properties, null);
        else
            records.Set(record, properties);
        return records.Show(record, properties.Keys, (string?)input["objectWriteTraceId"], isNew);
    }

    private static async Task<IResult> ReadAsync(HttpContext context, string type)
    {
        var records = Records.For(context, type);
        var body = await context.ReadBodyAsync();
        var properties = (body["properties"] as JsonArray ?? []).Select(p => (string)p!).ToList();
        var idProperty = (string?)body["idProperty"];
        var results = new List<JsonNode>();
        var missing = new List<string>();
        lock (records.Portal.Gate)
        {
            foreach (var id in body.Inputs(MaxInputs).Select(i => i["id"]!.ToString()))
            {
                if (records.Find(id, idProperty) is { } record)
                    results.Add(records.Show(record, idProperty is null ? properties : properties.Append(idProperty)));
                else
                    missing.Add(id);
            }
        }

        if (missing.Count == 0)
            return Results.Json(Answer(results, []));
        var error = new JsonObject
        {
            ["status"] = "error", ["category"] = "OBJECT_NOT_FOUND",
            ["message"] = "Could not get some objects, they may be deleted or not exist. Check that ids are valid.",
            ["context"] = new JsonObject { ["ids"] = new JsonArray([.. missing.Select(m => (JsonNode)m)]) },
        };
        return Results.Json(Answer(results, [error]), statusCode: 207);
    }

    private static string? UpsertKey(JsonObject input) =>
        (string?)input["idProperty"] == "email" ? input["id"]?.ToString().ToLowerInvariant() : input["id"]?.ToString();

    private static void RefuseDuplicates(List<JsonObject> inputs, Func<JsonObject, string?> key)
    {
        var twice = inputs.GroupBy(key).Where(g => g.Count() > 1).Select(g => g.Key!).ToList();
        if (twice.Count > 0)
        {
            throw Errors.Validation(
                $"Duplicate IDs found in batch input: [{string.Join(", ", twice)}]. IDs must be unique",
                new JsonObject { ["ids"] = new JsonArray([.. twice.Select(t => (JsonNode)t)]) });
        }
    }

    private static JsonObject Entry(RefusedException refused, string traceId)
    {
        var entry = refused.Body;
        entry.Remove("correlationId");
        var context = entry["context"] as JsonObject ?? [];
        entry.Remove("context");
        context["objectWriteTraceId"] = new JsonArray(traceId);
        entry["context"] = context;
        return entry;
    }

    private static JsonObject Answer(List<JsonNode> results, JsonArray errors)
    {
        var answer = new JsonObject { ["status"] = "COMPLETE", ["results"] = new JsonArray([.. results]) };
        if (errors.Count > 0)
        {
            answer["numErrors"] = errors.Count;
            answer["errors"] = errors;
        }

        return answer;
    }
}
