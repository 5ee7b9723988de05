using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Property definitions.</summary>
internal static class PropertyEndpoints
{
    private const int MostUnique = 10;
    private static readonly string[] Required = ["groupName", "name", "label", "type", "fieldType"];

    public static void MapProperties(this WebApplication app)
    {
        var properties = app.MapGroup("/crm/properties/{version}/{type}");
        properties.MapGet("", (HttpContext context, string type) =>
        {
            var records = Records.For(context, type);
            lock (records.Portal.Gate)
                return Results.Json(new JsonObject { ["results"] = new JsonArray([.. records.Table.Properties.Values.Where(p => !p.Archived).Select(p => (JsonNode)Show(p))]) });
        });
        properties.MapPost("", async (HttpContext context, string type) =>
        {
            var records = Records.For(context, type);
            var input = await context.ReadBodyAsync();
            lock (records.Portal.Gate)
                return Results.Json(Show(Create(records, input)), statusCode: 201);
        });
        properties.MapGet("/groups", (HttpContext context, string type) =>
        {
            var records = Records.For(context, type);
            lock (records.Portal.Gate)
            {
                return Results.Json(new
                {
                    results = records.Table.Properties.Values.Select(p => p.GroupName).Distinct().Select(g => new { name = g, label = g, archived = false }).ToList(),
                });
            }
        });
        properties.MapGet("/{name}", (HttpContext context, string type, string name) =>
        {
            var records = Records.For(context, type);
            lock (records.Portal.Gate)
                return Results.Json(Show(Find(records, name)));
        });
        properties.MapPatch("/{name}", UpdateAsync);
        properties.MapDelete("/{name}", (HttpContext context, string type, string name) =>
        {
            var records = Records.For(context, type);
            lock (records.Portal.Gate)
                Find(records, name).Archived = true;
            return Results.NoContent();
        });
        properties.MapPost("/batch/create", CreateManyAsync);
        properties.MapPost("/batch/read", async (HttpContext context, string type) =>
        {
            var records = Records.For(context, type);
            var names = (await context.ReadBodyAsync()).Inputs(100).Select(i => (string)i["name"]!).ToList();
            lock (records.Portal.Gate)
                return Results.Json(new JsonObject { ["status"] = "COMPLETE", ["results"] = new JsonArray([.. names.Select(n => (JsonNode)Show(Find(records, n)))]) });
        });
    }

    private static async Task<IResult> CreateManyAsync(HttpContext context, string type)
    {
        var records = Records.For(context, type);
        var inputs = (await context.ReadBodyAsync()).Inputs(100);
        var results = new JsonArray();
        var errors = new JsonArray();
        lock (records.Portal.Gate)
        {
            foreach (var input in inputs)
            {
                try
                {
                    results.Add(Show(Create(records, input)));
                }
                catch (RefusedException refused)
                {
                    errors.Add(refused.Body);
                }
            }
        }

        var answer = new JsonObject { ["status"] = "COMPLETE", ["results"] = results };
        if (errors.Count > 0)
            answer["errors"] = errors;
        return Results.Json(answer, statusCode: errors.Count > 0 ? 207 : 201);
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, string type, string name)
    {
        var records = Records.For(context, type);
        var input = await context.ReadBodyAsync();
        lock (records.Portal.Gate)
        {
            var property = Find(records, name);
            property.Label = (string?)input["label"] ?? property.Label;
            if (input["options"] is JsonArray options)
                property.Options = OptionsOf(options);   // the list is replaced; what is not sent is gone
            records.Portal.Revision++;
            return Results.Json(Show(property));
        }
    }

    private static PropertyState Create(Records records, JsonObject input)
    {
        var missing = Required.Where(f => string.IsNullOrEmpty((string?)input[f])).ToList();
        if (missing.Count > 0)
            throw Errors.Validation($"Invalid input JSON: missing required fields {string.Join(", ", missing)}");
        var name = (string)input["name"]!;
        var table = records.Table;
        if (table.Properties.GetValueOrDefault(name) is { } existing)
        {
            if (!existing.Archived)
            {
                var body = Errors.Error(409, $"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS").Body;
                body["subCategory"] = "Properties.PROPERTY_WITH_NAME_EXISTS";
                throw new RefusedException(409, body);
            }

            existing.Archived = false;
            return existing;
        }

        var unique = (bool?)input["hasUniqueValue"] ?? false;
        if (unique && table.Properties.Values.Count(p => p is { HasUniqueValue: true, Custom: true, Archived: false }) >= MostUnique)
            throw Errors.Validation($"The limit of {MostUnique} unique properties for {records.Kind.Name} is reached");
        var property = new PropertyState
        {
            Name = name, Label = (string)input["label"]!, Type = (string)input["type"]!, FieldType = (string)input["fieldType"]!,
            GroupName = (string)input["groupName"]!, Description = (string?)input["description"] ?? "", HasUniqueValue = unique, Custom = true,
            Options = OptionsOf(input["options"] as JsonArray ?? []),
        };
        table.Properties[name] = property;
        records.Portal.Revision++;
        return property;
    }

    private static List<OptionState> OptionsOf(JsonArray options) =>
        [.. options.OfType<JsonObject>().Select(o => new OptionState((string)o["label"]!, (string)o["value"]!, (int?)o["displayOrder"] ?? 0, (bool?)o["hidden"] ?? false))];

    private static PropertyState Find(Records records, string name) =>
        records.Table.Properties.GetValueOrDefault(name) is { Archived: false } property
            ? property
            : throw Errors.Error(404, $"Property {name} does not exist", "OBJECT_NOT_FOUND");

    private static JsonObject Show(PropertyState property) => new()
    {
        ["name"] = property.Name, ["label"] = property.Label, ["type"] = property.Type, ["fieldType"] = property.FieldType,
        ["groupName"] = property.GroupName, ["description"] = property.Description, ["displayOrder"] = -1,
        ["hasUniqueValue"] = property.HasUniqueValue, ["hidden"] = false, ["formField"] = false, ["calculated"] = property.ReadOnlyValue,
        ["options"] = new JsonArray([.. property.Options.Select(o => (JsonNode)new JsonObject
        {
            ["label"] = o.Label, ["value"] = o.Value, ["displayOrder"] = o.DisplayOrder, ["hidden"] = o.Hidden,
        })]),
        ["archived"] = property.Archived,
        ["modificationMetadata"] = new JsonObject
        {
            ["archivable"] = property.Custom, ["readOnlyDefinition"] = !property.Custom, ["readOnlyValue"] = property.ReadOnlyValue,
        },
    };
}
