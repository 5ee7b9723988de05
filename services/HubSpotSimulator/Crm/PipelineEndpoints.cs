using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class PipelineEndpoints
{
    private const int MostOrderStages = 30;
    private const int MostDealStages = 100;

    public static void MapPipelines(this IEndpointRouteBuilder routes)
    {
        const string path = "/crm/pipelines/{ver}/{type}";
        routes.MapCall("GET", path, new("pipelines.list"), List);
        routes.MapCall("POST", path, new("pipelines.create"), Create);
        routes.MapCall("GET", path + "/{id}", new("pipelines.get"), Get);
        routes.MapCall("GET", path + "/{id}/stages", new("pipelines.stages.list"), ListStages);
        routes.MapCall("PATCH", path + "/{id}", new("pipelines.update"), Update);
        routes.MapCall("PUT", path + "/{id}", new("pipelines.replace"), Replace);
        routes.MapCall("DELETE", path + "/{id}", new("pipelines.delete"), Delete);
        routes.MapCall("POST", path + "/{id}/stages", new("pipelines.stages.create"), CreateStage);
        routes.MapCall("GET", path + "/{id}/stages/{stageId}", new("pipelines.stages.get"), GetStage);
        routes.MapCall("PATCH", path + "/{id}/stages/{stageId}", new("pipelines.stages.update"), UpdateStage);
        routes.MapCall("PUT", path + "/{id}/stages/{stageId}", new("pipelines.stages.replace"), ReplaceStage);
        routes.MapCall("DELETE", path + "/{id}/stages/{stageId}", new("pipelines.stages.delete"), DeleteStage);
        routes.MapPipelineAudit(path);
    }

    private static Answer List(ApiCall call)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "read");
        lock (call.Portal.Gate)
        {
            return Answer.Ok(new JsonObject { ["results"] = new JsonArray([.. call.Portal.Pipelines(type).Select(Write)]) });
        }
    }

    private static Answer Get(ApiCall call)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "read");
        lock (call.Portal.Gate)
        {
            return Answer.Ok(Write(Known(call, type)));
        }
    }

    private static Answer ListStages(ApiCall call)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "read");
        lock (call.Portal.Gate)
        {
            return Answer.Ok(new JsonObject { ["results"] = new JsonArray([.. Known(call, type).Stages.Select(Write)]) });
        }
    }

    private static Answer Create(ApiCall call)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "write");
        lock (call.Portal.Gate)
        {
            RequirePipelines(type);
            var stages = ReadStages(call, type, []);
            var pipeline = new Pipeline(
                call.Body.Text("pipelineId") ?? call.Store.NextId(),
                Label(call.Body),
                call.Body.Number("displayOrder") ?? -1,
                stages,
                call.Now);
            if (call.Portal.Pipelines(type).Any(p => p.Label == pipeline.Label || p.Id == pipeline.Id))
            {
                throw Refusal.Of(409, "OBJECT_ALREADY_EXISTS", $"A pipeline with the label '{pipeline.Label}' already exists.");
            }

            call.Portal.Pipelines(type).Add(pipeline.Audited(call, null));
            call.Store.Touch();
            return Answer.Created(Write(pipeline));
        }
    }

    private static Answer CreateStage(ApiCall call)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "write");
        lock (call.Portal.Gate)
        {
            var pipeline = Known(call, type);
            var stage = ReadStage(call, type, call.Body, pipeline.Stages.Count, []);
            RequireRoom(type, pipeline.Stages.Count + 1);
            var pipelines = call.Portal.Pipelines(type);
            pipelines[pipelines.IndexOf(pipeline)] = (pipeline with { Stages = [.. pipeline.Stages, stage] }).Audited(call, pipeline);
            call.Store.Touch();
            return Answer.Created(Write(stage));
        }
    }

    private static Answer GetStage(ApiCall call)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "read");
        lock (call.Portal.Gate)
        {
            return Answer.Ok(Write(KnownStage(call, Known(call, type))));
        }
    }

    private static Answer Update(ApiCall call) => Change(call, (_, pipeline) => pipeline with
    {
        Label = call.Body.Text("label") ?? pipeline.Label,
        DisplayOrder = call.Body.Number("displayOrder") ?? pipeline.DisplayOrder,
    });

    /// <summary>What is not sent is gone; a stage that is sent with its id stays.</summary>
    private static Answer Replace(ApiCall call) => Change(call, (type, pipeline) =>
    {
        var stages = ReadStages(call, type, pipeline.Stages);
        RefuseInUse(call, type, pipeline.Stages.Where(old => stages.TrueForAll(s => s.Id != old.Id)));
        return pipeline with { Label = Label(call.Body), DisplayOrder = call.Body.Number("displayOrder") ?? -1, Stages = stages };
    });

    private static Answer ReplaceStage(ApiCall call)
    {
        PipelineStage? changed = null;
        var answer = Change(call, (type, pipeline) =>
        {
            var stage = KnownStage(call, pipeline);
            changed = stage with { Label = Label(call.Body), DisplayOrder = call.Body.Number("displayOrder") ?? -1, Metadata = Metadata(type, call.Body) };
            return pipeline with { Stages = [.. pipeline.Stages.Select(s => s == stage ? changed : s)] };
        });
        return answer with { Body = Write(changed!) };
    }

    private static Answer UpdateStage(ApiCall call)
    {
        PipelineStage? changed = null;
        var answer = Change(call, (type, pipeline) =>
        {
            var stage = KnownStage(call, pipeline);
            changed = stage with
            {
                Label = call.Body.Text("label") ?? stage.Label,
                DisplayOrder = call.Body.Number("displayOrder") ?? stage.DisplayOrder,
                Metadata = call.Body["metadata"] is JsonObject ? Metadata(type, call.Body) : stage.Metadata,
            };
            return pipeline with { Stages = [.. pipeline.Stages.Select(s => s == stage ? changed : s)] };
        });
        return answer with { Body = Write(changed!) };
    }

    private static Answer DeleteStage(ApiCall call) => Change(call, (type, pipeline) =>
    {
        var stage = KnownStage(call, pipeline);
        RefuseInUse(call, type, [stage]);
        return pipeline with { Stages = [.. pipeline.Stages.Where(s => s != stage)] };
    }) with { Status = 204, Body = null };

    private static Answer Delete(ApiCall call) => Change(call, (type, pipeline) =>
    {
        RefuseInUse(call, type, pipeline.Stages);
        return null;
    }) with { Status = 204, Body = null };

    /// <summary>Without a pipeline in return, it goes.</summary>
    private static Answer Change(ApiCall call, Func<ObjectType, Pipeline, Pipeline?> change)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "write");
        lock (call.Portal.Gate)
        {
            var pipelines = call.Portal.Pipelines(type);
            var place = pipelines.IndexOf(Known(call, type));
            var changed = change(type, pipelines[place]);
            if (changed is null)
            {
                pipelines.RemoveAt(place);
            }
            else
            {
                pipelines[place] = changed.Audited(call, pipelines[place]);
            }

            call.Store.Touch();
            return new Answer(200, changed is null ? null : Write(changed));
        }
    }

    private static void RefuseInUse(ApiCall call, ObjectType type, IEnumerable<PipelineStage> stages)
    {
        var ids = stages.Select(s => s.Id).ToHashSet();
        var users = call.Portal.Table(type).Live.Where(r => r[type.StageProperty!] is { } stage && ids.Contains(stage)).Take(100).ToList();
        if (users.Count > 0)
        {
            throw Refusal.Validation(
                $"Stage IDs: {string.Join(", ", users.Select(r => r[type.StageProperty!]).Distinct())} are being referenced by object IDs: "
                    + string.Join(", ", users.Select(r => r.Id)),
                "PipelineError.STAGE_ID_IN_USE",
                new JsonObject
                {
                    ["stageIds"] = Json.Strings(users.Select(r => r[type.StageProperty!]!).Distinct()),
                    ["objectIds"] = Json.Strings(users.Select(r => r.Id)),
                });
        }
    }

    public static PipelineStage KnownStage(ApiCall call, Pipeline pipeline) =>
        pipeline.Stages.FirstOrDefault(s => s.Id == call.Route("stageId")) ?? throw Refusal.NotFound();

    public static Pipeline Known(ApiCall call, ObjectType type) =>
        call.Portal.Pipelines(type).Find(p => p.Id == call.Route("id")) ?? throw Refusal.NotFound();

    private static void RequirePipelines(ObjectType type)
    {
        if (type.PipelineProperty is null)
        {
            throw Refusal.Validation($"{type.LegacyName} has no pipelines");
        }
    }

    private static List<PipelineStage> ReadStages(ApiCall call, ObjectType type, IReadOnlyList<PipelineStage> before)
    {
        var stages = call.Body.Objects("stages").Select((s, i) => ReadStage(call, type, s, i, before)).ToList();
        if (stages.Count == 0)
        {
            throw Refusal.Validation("Invalid input JSON: a pipeline needs stages");
        }

        RequireRoom(type, stages.Count);
        return stages;
    }

    private static PipelineStage ReadStage(ApiCall call, ObjectType type, JsonObject body, int place, IReadOnlyList<PipelineStage> before)
    {
        var metadata = Metadata(type, body);
        var id = body.Text("stageId") ?? body.Text("id") ?? call.Store.NextId();
        var createdAt = before.FirstOrDefault(s => s.Id == id)?.CreatedAt ?? call.Now;
        return new(id, Label(body), body.Number("displayOrder") ?? place, metadata, createdAt);
    }

    private static void RequireRoom(ObjectType type, int stages)
    {
        var most = type == ObjectType.Deals ? MostDealStages : MostOrderStages;
        if (stages > most)
        {
            throw Refusal.Validation($"A pipeline of {type.LegacyName} has at most {most} stages, not {stages}");
        }
    }

    private static Dictionary<string, string> Metadata(ObjectType type, JsonObject body)
    {
        var key = type == ObjectType.Deals ? "probability" : "state";
        var value = (body["metadata"] as JsonObject)?.Text(key)
            ?? throw Refusal.Validation($"Invalid input JSON: the metadata of a stage needs '{key}'");
        var fits = type == ObjectType.Deals
            ? decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var probability) && probability is >= 0 and <= 1
            : value is "OPEN" or "CLOSED";
        if (!fits)
        {
            throw Refusal.Validation($"Invalid input JSON: '{value}' is no {key} of a stage of {type.LegacyName}");
        }

        return type == ObjectType.Deals ? StandardPipelines.DealMetadata(value) : new Dictionary<string, string> { [key] = value };
    }

    private static string Label(JsonObject body) =>
        body.Text("label") is { Length: > 0 } label ? label : throw Refusal.Validation("Invalid input JSON: 'label' is missing");

    public static JsonObject Write(Pipeline pipeline) => new()
    {
        ["id"] = pipeline.Id,
        ["label"] = pipeline.Label,
        ["displayOrder"] = pipeline.DisplayOrder,
        ["stages"] = new JsonArray([.. pipeline.Stages.Select(Write)]),
        ["archived"] = false,
        ["createdAt"] = Json.Time(pipeline.CreatedAt),
        ["updatedAt"] = Json.Time(pipeline.CreatedAt),
    };

    public static JsonObject Write(PipelineStage stage) => new()
    {
        ["id"] = stage.Id,
        ["label"] = stage.Label,
        ["displayOrder"] = stage.DisplayOrder,
        ["metadata"] = new JsonObject(stage.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)JsonValue.Create(m.Value)))),
        ["archived"] = false,
        ["writePermissions"] = "CRM_PERMISSIONS_ENFORCEMENT",
        ["createdAt"] = Json.Time(stage.CreatedAt),
        ["updatedAt"] = Json.Time(stage.CreatedAt),
    };
}
