using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Who changed a pipeline or a stage, and when. The pipelines that an account has from the start were made by nobody.</summary>
internal static class PipelineAudit
{
    public static void MapPipelineAudit(this IEndpointRouteBuilder routes, string path)
    {
        routes.MapCall("GET", path + "/{id}/audit", new("pipelines.audit"), call => Read(call, _ => null));
        routes.MapCall("GET", path + "/{id}/stages/{stageId}/audit", new("pipelines.stages.audit"),
            call => Read(call, pipeline => PipelineEndpoints.KnownStage(call, pipeline).Id));
    }

    /// <summary>Takes down what is not as it was before, stage by stage.</summary>
    public static Pipeline Audited(this Pipeline pipeline, ApiCall call, Pipeline? before)
    {
        var changes = new List<PipelineChange>();
        void Note(string? stageId, string action, JsonObject left) =>
            changes.Add(new(stageId, action, call.Now, call.Access?.Grant.UserId ?? ApiCall.PersonId, left));

        if (before is null || (before.Label, before.DisplayOrder) != (pipeline.Label, pipeline.DisplayOrder))
        {
            Note(null, before is null ? "CREATE" : "UPDATE", PipelineEndpoints.Write(pipeline));
        }

        var stages = (before?.Stages ?? []).ToDictionary(s => s.Id, PipelineEndpoints.Write);
        foreach (var stage in pipeline.Stages)
        {
            var left = PipelineEndpoints.Write(stage);
            if (!stages.Remove(stage.Id, out var was) || !JsonNode.DeepEquals(was, left))
            {
                Note(stage.Id, was is null ? "CREATE" : "UPDATE", left);
            }
        }

        foreach (var (id, was) in stages)
        {
            Note(id, "DELETE", was);
        }

        changes.Reverse();
        return pipeline with { Changes = [.. changes, .. before?.Changes ?? []] };
    }

    private static Answer Read(ApiCall call, Func<Pipeline, string?> stageOf)
    {
        var type = call.Type;
        Scopes.RequirePipelines(call, type, "read");
        lock (call.Portal.Gate)
        {
            var pipeline = PipelineEndpoints.Known(call, type);
            var stageId = stageOf(pipeline);
            var changes = pipeline.Changes.Where(c => stageId is null || c.StageId == stageId).Select(c => new JsonObject
            {
                ["portalId"] = call.Portal.Id,
                ["identifier"] = c.StageId ?? pipeline.Id,
                ["action"] = c.Action,
                ["timestamp"] = Json.Time(c.At),
                ["fromUserId"] = c.UserId,
                ["rawObject"] = c.Left.DeepClone(),
            });
            return Answer.Ok(new JsonObject { ["results"] = new JsonArray([.. changes]) });
        }
    }
}
