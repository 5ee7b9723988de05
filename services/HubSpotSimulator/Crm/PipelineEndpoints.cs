using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Pipelines of orders and deals.</summary>
internal static class PipelineEndpoints
{
    public static void MapPipelines(this WebApplication app)
    {
        var pipelines = app.MapGroup("/crm/pipelines/{version}/{type}");
        pipelines.MapGet("", (HttpContext context, string type) =>
        {
            var records = Records.For(context, type);
            lock (records.Portal.Gate)
                return Results.Json(new JsonObject { ["results"] = new JsonArray([.. Of(records).Select(p => (JsonNode)Show(p))]) });
        });
        pipelines.MapGet("/{id}", (HttpContext context, string type, string id) =>
        {
            var records = Records.For(context, type);
            lock (records.Portal.Gate)
                return Results.Json(Show(Of(records).Find(p => p.Id == id) ?? throw Errors.NotFound(id)));
        });
        pipelines.MapPost("", async (HttpContext context, string type) =>
        {
            var records = Records.For(context, type);
            var input = await context.ReadBodyAsync();
            lock (records.Portal.Gate)
            {
                var stages = (input["stages"] as JsonArray ?? []).OfType<JsonObject>().Select((s, i) => new StageState(
                    records.Portal.NextId(), (string)s["label"]!, i,
                    (s["metadata"] as JsonObject ?? []).ToDictionary(m => m.Key, m => m.Value!.ToString())));
                var pipeline = new PipelineState { Id = records.Portal.NextId(), Label = (string)input["label"]!, DisplayOrder = Of(records).Count, Stages = [.. stages] };
                Of(records).Add(pipeline);
                records.Portal.Revision++;
                return Results.Json(Show(pipeline), statusCode: 201);
            }
        });
    }

    private static List<PipelineState> Of(Records records) => records.Portal.Pipelines.GetValueOrDefault(records.Kind.Name) ?? [];

    private static JsonObject Show(PipelineState pipeline) => new()
    {
        ["id"] = pipeline.Id, ["label"] = pipeline.Label, ["displayOrder"] = pipeline.DisplayOrder, ["archived"] = false,
        ["stages"] = new JsonArray([.. pipeline.Stages.Select(s => (JsonNode)new JsonObject
        {
            ["id"] = s.Id, ["label"] = s.Label, ["displayOrder"] = s.DisplayOrder, ["archived"] = false,
            ["metadata"] = new JsonObject([.. s.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))]),
        })]),
    };
}
