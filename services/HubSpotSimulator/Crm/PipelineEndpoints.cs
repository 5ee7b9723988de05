using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class PipelineEndpoints
{
    public static void MapPipelines(this IEndpointRouteBuilder routes)
    {
        const string path = "/crm/pipelines/{ver}/{type}";
        routes.MapCall("GET", path, new("pipelines.list"), List);
        routes.MapCall("POST", path, new("pipelines.create"), Create);
        routes.MapCall("GET", path + "/{id}", new("pipelines.get"), Get);
        routes.MapCall("GET", path + "/{id}/stages", new("pipelines.stages.list"), ListStages);
        routes.MapCall("POST", path + "/{id}/stages", new("pipelines.stages.create"), CreateStage);
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
            var stages = call.Body.Objects("stages").Select((s, i) => ReadStage(call, type, s, i)).ToList();
            if (stages.Count == 0)
            {
                throw Refusal.Validation("Invalid input JSON: a pipeline needs stages");
            }

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

            call.Portal.Pipelines(type).Add(pipeline);
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
            var stage = ReadStage(call, type, call.Body, pipeline.Stages.Count);
            var pipelines = call.Portal.Pipelines(type);
            pipelines[pipelines.IndexOf(pipeline)] = pipeline with { Stages = [.. pipeline.Stages, stage] };
            call.Store.Touch();
            return Answer.Created(Write(stage));
        }
    }

    private static Pipeline Known(ApiCall call, ObjectType type) =>
        call.Portal.Pipelines(type).Find(p => p.Id == call.Route("id")) ?? throw Refusal.NotFound();

    private static void RequirePipelines(ObjectType type)
    {
        if (type.PipelineProperty is null)
        {
            throw Refusal.Validation($"{type.LegacyName} has no pipelines");
        }
    }

    private static PipelineStage ReadStage(ApiCall call, ObjectType type, JsonObject body, int place)
    {
        var key = type == ObjectType.Deals ? "probability" : "state";
        var value = (body["metadata"] as JsonObject)?.Text(key)
            ?? throw Refusal.Validation($"Invalid input JSON: the metadata of a stage needs '{key}'");
        var metadata = type == ObjectType.Deals
            ? StandardPipelines.DealMetadata(value)
            : new Dictionary<string, string> { [key] = value };
        return new(body.Text("stageId") ?? call.Store.NextId(), Label(body), body.Number("displayOrder") ?? place, metadata, call.Now);
    }

    private static string Label(JsonObject body) =>
        body.Text("label") is { Length: > 0 } label ? label : throw Refusal.Validation("Invalid input JSON: 'label' is missing");

    private static JsonObject Write(Pipeline pipeline) => new()
    {
        ["id"] = pipeline.Id,
        ["label"] = pipeline.Label,
        ["displayOrder"] = pipeline.DisplayOrder,
        ["stages"] = new JsonArray([.. pipeline.Stages.Select(Write)]),
        ["archived"] = false,
        ["createdAt"] = Json.Time(pipeline.CreatedAt),
        ["updatedAt"] = Json.Time(pipeline.CreatedAt),
    };

    private static JsonObject Write(PipelineStage stage) => new()
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
