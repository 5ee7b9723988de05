using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Calls on one record, and the list.</summary>
internal static class ObjectEndpoints
{
    public static void MapObjects(this WebApplication app)
    {
        var objects = app.MapGroup("/crm/objects/{version}/{type}");
        objects.MapGet("", List);
        objects.MapPost("", Create);
        objects.MapGet("/{id}", Get);
        objects.MapPatch("/{id}", Update);
        objects.MapDelete("/{id}", (HttpContext context, string type, string id) =>
        {
            var records = Records.For(context, type);
            lock (records.Portal.Gate)
                records.Archive(id);
            return Results.NoContent();
        });
    }

    private static IResult List(HttpContext context, string type, int? limit, string? after, string? properties, string? associations, bool? archived)
    {
        var records = Records.For(context, type);
        lock (records.Portal.Gate)
        {
            var size = Math.Clamp(limit ?? 10, 1, 100);
            var from = after is null ? 0 : long.Parse(after);
            var page = records.Table.Records.Values.Where(r => r.Archived == (archived ?? false) && long.Parse(r.Id) >= from)
                .OrderBy(r => long.Parse(r.Id)).Take(size + 1).ToList();
            var answer = new JsonObject
            {
                ["results"] = new JsonArray([.. page.Take(size).Select(r => (JsonNode)WithAssociations(records, r, properties, associations))]),
            };
            if (page.Count > size)
                answer["paging"] = new JsonObject { ["next"] = new JsonObject { ["after"] = page[size].Id, ["link"] = $"?after={page[size].Id}" } };
            return Results.Json(answer);
        }
    }

    private static IResult Get(HttpContext context, string type, string id, string? idProperty, string? properties, string? associations)
    {
        var records = Records.For(context, type);
        lock (records.Portal.Gate)
            return Results.Json(WithAssociations(records, records.Find(id, idProperty) ?? throw Errors.NotFound(id), properties, associations));
    }

    private static async Task<IResult> Create(HttpContext context, string type)
    {
        var records = Records.For(context, type);
        var input = await context.ReadBodyAsync();
        lock (records.Portal.Gate)
        {
            var properties = Records.PropertiesOf(input);
            records.Check(properties, null, input["associations"] as JsonArray);
            var record = records.Create(properties, input["associations"] as JsonArray);
            return Results.Json(records.Show(record, properties.Keys), statusCode: 201);
        }
    }

    private static async Task<IResult> Update(HttpContext context, string type, string id, string? idProperty)
    {
        var records = Records.For(context, type);
        var input = await context.ReadBodyAsync();
        lock (records.Portal.Gate)
        {
            var record = records.Find(id, idProperty) ?? throw Errors.NotFound(id);
            var properties = Records.PropertiesOf(input);
            records.Check(properties, record);
            records.Set(record, properties);
            return Results.Json(records.Show(record, properties.Keys));
        }
    }

    private static JsonObject WithAssociations(Records records, RecordState record, string? properties, string? associations)
    {
        var json = records.Show(record, properties?.Split(',') ?? []);
        if (associations is not null)
            json["associations"] = records.ShowAssociations(record, associations.Split(','));
        return json;
    }
}

internal static class Bodies
{
    public static async Task<JsonObject> ReadBodyAsync(this HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject
                ?? throw Errors.Validation("Invalid input JSON: an object was expected");
        }
        catch (System.Text.Json.JsonException broken)
        {
            throw Errors.Validation($"Invalid input JSON on line {broken.LineNumber}, column {broken.BytePositionInLine}");
        }
    }

    public static List<JsonObject> Inputs(this JsonObject body, int most)
    {
        var inputs = (body["inputs"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        return inputs.Count <= most ? inputs : throw Errors.Validation(
            $"The maximum number of inputs supported in a batch is {most}. Please reduce the number of items and try again");
    }
}
