using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Up to 100 records at a time: all or nothing, unless every input has its own trace id.</summary>
internal static class BatchEndpoints
{
    private delegate PlannedWrite Plan(WritePlan plan, JsonObject input);

    public static void MapBatches(this IEndpointRouteBuilder routes, string path)
    {
        routes.MapCall("POST", path + "/batch/create", new("{type}.batch.create"), Create);
        routes.MapCall("POST", path + "/batch/read", new("{type}.batch.read"), Read);
        routes.MapCall("POST", path + "/batch/update", new("{type}.batch.update"), Update);
        routes.MapCall("POST", path + "/batch/upsert", new("{type}.batch.upsert"), Upsert);
        routes.MapCall("POST", path + "/batch/archive", new("{type}.batch.archive"), Archive);
    }

    private static Answer Create(ApiCall call)
    {
        Scopes.Require(call, call.Type, "write");
        return Write(call, WithoutTwins(call, call.Body.Inputs()), (plan, input) => plan.Create(input), success: 201);
    }

    private static Answer Update(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "write");
        var inputs = call.Body.Inputs();
        var table = call.Portal.Table(type);
        foreach (var key in inputs.Select(i => i.Text("idProperty")).OfType<string>().Where(k => k != "hs_object_id"))
        {
            throw Refusal.Validation($"Unable to perform update by non-unique {type.TypeId} property {key}");
        }

        RecordKeys.RequireDistinct(inputs.Select(i => i.Text("id") ?? ""));
        return Write(call, inputs, (plan, input) => table.Find(input.Text("id") ?? "") is { } record
            ? plan.Update(record, input)
            : throw NotFound(type, [input.Text("id") ?? ""]), partial: call.Portal.Switches.UpdatesPartialWithoutTraceIds, heedsTraceIds: !call.Portal.Switches.UpdatesIgnoreTraceIds);
    }

    private static Answer Upsert(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "write");
        var inputs = call.Body.Inputs();
        var table = call.Portal.Table(type);
        lock (call.Portal.Gate)
        {
            foreach (var input in inputs)
            {
                RecordKeys.RequireUnique(call.Portal, type, input.Text("idProperty") ?? "hs_object_id", "upsert");
            }
        }

        RecordKeys.RequireDistinct(inputs.Select(i => RecordTable.Normalize(i.Text("idProperty")!, i.Text("id") ?? "")));
        // Trace ids or not: by e-mail HubSpot upserts all or none.
        var heedsTraceIds = inputs.All(i => i.Text("idProperty") != "email");
        return Write(call, inputs, (plan, input) => UpsertOne(table, plan, input), upsert: true, heedsTraceIds: heedsTraceIds);
    }

    private static PlannedWrite UpsertOne(RecordTable table, WritePlan plan, JsonObject input)
    {
        var (key, value) = (input.Text("idProperty")!, input.Text("id") ?? "");
        if (value.Length == 0)
        {
            throw Refusal.Validation("Some required fields were not set: [id]");
        }

        var keyed = (JsonObject)input.DeepClone();
        keyed["properties"] ??= new JsonObject();
        if (keyed["properties"] is JsonObject properties)
        {
            properties.TryAdd(key, value);
        }

        return table.Find(table.Owner(key, value) ?? "") is { } record ? plan.Update(record, keyed) : plan.Create(keyed);
    }

    private static Answer Write(
        ApiCall call, IReadOnlyList<JsonObject> inputs, Plan planOne, bool upsert = false, int success = 200, bool partial = false, bool heedsTraceIds = true)
    {
        var type = call.Type;
        var traced = heedsTraceIds && HaveOwnTraceIds(inputs);
        var errors = new List<JsonNode>();
        var writes = new List<PlannedWrite>();
        lock (call.Portal.Gate)
        {
            var plan = new WritePlan(call, type, tellsExistingId: traced);
            foreach (var input in inputs)
            {
                try
                {
                    writes.Add(planOne(plan, input));
                }
                catch (Refusal refusal) when (traced || partial)
                {
                    errors.Add(Entry(refusal, heedsTraceIds ? input.Text("objectWriteTraceId") : null));
                }
            }

            writes.ForEach(plan.Commit);
        }

        // What was written does not change any more: others may go on meanwhile.
        var results = writes.Select(w => RecordJson.Written(call.Portal, type, w, upsert)).ToArray();
        if (upsert)
        {
            // HubSpot's order is not that of the inputs, and who relies on it should notice here.
            RandomNumberGenerator.Shuffle(results.AsSpan());
        }

        return Answer.Batch(call.Now, results, errors, success);
    }

    private static Answer Read(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "read");
        var inputs = call.Body["propertiesWithHistory"] is JsonArray { Count: > 0 }
            ? call.Body.Inputs(50, " for property histories")
            : call.Body.Inputs();
        var key = call.Body.Text("idProperty");
        lock (call.Portal.Gate)
        {
            var table = call.Portal.Table(type);
            if (key is not (null or "hs_object_id"))
            {
                RecordKeys.RequireUnique(call.Portal, type, key, "read");
            }

            var archived = call.Query("archived") == "true";
            var asked = call.Body["properties"] is JsonArray { Count: > 0 } ? call.Body.Texts("properties") : null;
            var reader = new RecordReader(call.Portal, type, asked, call.Body.Texts("propertiesWithHistory"));
            var results = new Dictionary<string, JsonNode>();
            var missing = new List<string>();
            foreach (var id in inputs.Select(i => i.Text("id") ?? "").Distinct())
            {
                var recordId = key is null or "hs_object_id" ? id : table.Owner(key, id) ?? "";
                if ((archived ? table.FindArchived(recordId) : table.FindOrSurvivor(recordId)) is { } record)
                {
                    results.TryAdd(record.Id, reader.Read(record));
                }
                else
                {
                    missing.Add(id);
                }
            }

            return Answer.Batch(call.Now, results.Values, missing.Count == 0 ? [] : [Bare(NotFound(type, missing))]);
        }
    }

    private static Answer Archive(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "write");
        var inputs = call.Body.Inputs();
        lock (call.Portal.Gate)
        {
            foreach (var input in inputs)
            {
                RecordBin.Archive(call, type, input.Text("id") ?? "");
            }
        }

        return Answer.NoContent();
    }

    private static bool HaveOwnTraceIds(IReadOnlyList<JsonObject> inputs)
    {
        var traceIds = new HashSet<string>();
        return inputs.Count > 0 && inputs.All(i => i.Text("objectWriteTraceId") is { } traceId && traceIds.Add(traceId));
    }

    /// <summary>Line items that differ in nothing but the trace id are one, where the account has it so.</summary>
    private static IReadOnlyList<JsonObject> WithoutTwins(ApiCall call, IReadOnlyList<JsonObject> inputs) =>
        call.Type == ObjectType.LineItems && call.Portal.Switches.IdenticalLineItemsMerged
            ? [.. inputs.DistinctBy(i => (i["properties"]?.ToJsonString(), i["associations"]?.ToJsonString()))]
            : inputs;

    private static JsonObject Entry(Refusal refusal, string? traceId)
    {
        var entry = Bare(refusal);
        if (traceId is null)
        {
            return entry;
        }

        if (entry["context"] is not JsonObject context)
        {
            entry["context"] = context = [];
        }

        context["objectWriteTraceId"] = new JsonArray(traceId);
        return entry;
    }

    private static JsonObject Bare(Refusal refusal)
    {
        var entry = refusal.Body;
        entry.Remove("correlationId");
        return entry;
    }

    private static Refusal NotFound(ObjectType type, IEnumerable<string> ids) => Refusal.Of(
        404,
        "OBJECT_NOT_FOUND",
        $"Could not get some {type.LegacyName} objects, they may be deleted or not exist. Check that ids are valid.",
        context: new JsonObject { ["ids"] = Json.Strings(ids) });
}
