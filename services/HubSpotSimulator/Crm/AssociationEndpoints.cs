using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Associations v4.</summary>
internal static class AssociationEndpoints
{
    public static void MapAssociations(this WebApplication app)
    {
        var batch = app.MapGroup("/crm/associations/{version}/{from}/{to}/batch");
        batch.MapPost("/create", (HttpContext context, string from, string to) => CreateAsync(context, from, to, input =>
            ((JsonArray?)input["types"] ?? []).Select(t => (int)t!["associationTypeId"]!).ToList(), 201));
        batch.MapPost("/associate/default", (HttpContext context, string from, string to) => CreateAsync(context, from, to, _ =>
            [AssociationKind.Default(ObjectKind.Of(from)?.Name ?? from, ObjectKind.Of(to)?.Name ?? to)], 200));
        batch.MapPost("/read", ReadAsync);
        batch.MapPost("/archive", ArchiveAsync);
        var single = app.MapGroup("/crm/objects/{version}/{from}/{id}/associations");
        single.MapGet("/{to}", (HttpContext context, string from, string id, string to) =>
        {
            var records = Records.For(context, from);
            lock (records.Portal.Gate)
                return Results.Json(new JsonObject { ["results"] = Links(records, id, ObjectKind.Of(to) ?? throw Errors.UnknownType(to)) });
        });
        single.MapPut("/{to}/{toId}", async (HttpContext context, string from, string id, string to, string toId) =>
        {
            var types = ((await JsonNode.ParseAsync(context.Request.Body)) as JsonArray ?? []).Select(t => (int)t!["associationTypeId"]!).ToList();
            return PutOne(context, from, id, to, toId, types, 201);
        });
        single.MapPut("/default/{to}/{toId}", (HttpContext context, string from, string id, string to, string toId) => PutOne(
            context, from, id, to, toId, [AssociationKind.Default(ObjectKind.Of(from)?.Name ?? from, ObjectKind.Of(to)?.Name ?? to)], 200));
        single.MapDelete("/{to}/{toId}", (HttpContext context, string from, string id, string to, string toId) =>
        {
            var records = Records.For(context, from);
            lock (records.Portal.Gate)
                records.Portal.Dissociate(records.Kind.Name, id, ObjectKind.Of(to)!.Name, toId);
            return Results.NoContent();
        });
    }

    private static async Task<IResult> CreateAsync(HttpContext context, string from, string to, Func<JsonObject, List<int>> types, int success)
    {
        var records = Records.For(context, from);
        var kind = ObjectKind.Of(to) ?? throw Errors.UnknownType(to);
        var inputs = (await context.ReadBodyAsync()).Inputs(2000);
        var results = new JsonArray();
        var errors = new JsonArray();
        lock (records.Portal.Gate)
        {
            foreach (var input in inputs)
            {
                var (fromId, toId) = (input["from"]!["id"]!.ToString(), input["to"]!["id"]!.ToString());
                try
                {
                    Associate(records, fromId, kind, toId, types(input));
                    results.Add(new JsonObject
                    {
                        ["fromObjectTypeId"] = records.Kind.TypeId, ["fromObjectId"] = long.Parse(fromId),
                        ["toObjectTypeId"] = kind.TypeId, ["toObjectId"] = long.Parse(toId), ["labels"] = new JsonArray(),
                    });
                }
                catch (RefusedException refused)
                {
                    errors.Add(refused.Body);
                }
            }
        }

        var answer = new JsonObject { ["status"] = "COMPLETE", ["results"] = results };
        if (errors.Count > 0)
        {
            answer["numErrors"] = errors.Count;
            answer["errors"] = errors;
        }

        return Results.Json(answer, statusCode: errors.Count > 0 ? 207 : success);
    }

    private static IResult PutOne(HttpContext context, string from, string id, string to, string toId, List<int> types, int success)
    {
        var records = Records.For(context, from);
        var kind = ObjectKind.Of(to) ?? throw Errors.UnknownType(to);
        lock (records.Portal.Gate)
            Associate(records, id, kind, toId, types);
        return Results.Json(new JsonObject
        {
            ["fromObjectTypeId"] = records.Kind.TypeId, ["fromObjectId"] = long.Parse(id),
            ["toObjectTypeId"] = kind.TypeId, ["toObjectId"] = long.Parse(toId), ["labels"] = new JsonArray(),
        }, statusCode: success);
    }

    private static void Associate(Records records, string fromId, ObjectKind to, string toId, List<int> types)
    {
        if (records.Find(fromId, null) is null)
            throw Errors.Error(400, $"{fromId} is not a valid ID", "VALIDATION_ERROR", new JsonObject { ["id"] = new JsonArray(fromId) });
        records.CheckAssociation(records.Kind.Name, to.Name, toId, types);
        records.Portal.Associate(records.Kind.Name, fromId, to.Name, toId, AssociationKind.WithUnlabelled(records.Kind.Name, to.Name, types));
    }

    private static async Task<IResult> ReadAsync(HttpContext context, string from, string to)
    {
        var records = Records.For(context, from);
        var kind = ObjectKind.Of(to) ?? throw Errors.UnknownType(to);
        var results = new JsonArray();
        var errors = new JsonArray();
        var inputs = (await context.ReadBodyAsync()).Inputs(1000);
        lock (records.Portal.Gate)
        {
            foreach (var id in inputs.Select(i => i["id"]!.ToString()))
            {
                var links = Links(records, id, kind);
                if (links.Count > 0)
                {
                    results.Add(new JsonObject { ["from"] = new JsonObject { ["id"] = id }, ["to"] = links });
                    continue;
                }

                errors.Add(new JsonObject
                {
                    ["status"] = "error", ["category"] = "OBJECT_NOT_FOUND", ["subCategory"] = "crm.associations.NO_ASSOCIATIONS_FOUND",
                    ["message"] = $"No {kind.Singular} is associated with {records.Kind.Singular} {id}.",
                    ["context"] = new JsonObject
                    {
                        ["fromObjectId"] = new JsonArray(id), ["fromObjectType"] = new JsonArray(records.Kind.Singular), ["toObjectType"] = new JsonArray(kind.Singular),
                    },
                });
            }
        }

        var answer = new JsonObject { ["status"] = "COMPLETE", ["results"] = results };
        if (errors.Count > 0)
        {
            answer["numErrors"] = errors.Count;
            answer["errors"] = errors;
        }

        return Results.Json(answer, statusCode: errors.Count > 0 ? 207 : 200);
    }

    private static async Task<IResult> ArchiveAsync(HttpContext context, string version, string from, string to)
    {
        var records = Records.For(context, from);
        var kind = ObjectKind.Of(to) ?? throw Errors.UnknownType(to);
        var inputs = (await context.ReadBodyAsync()).Inputs(100);
        lock (records.Portal.Gate)
        {
            foreach (var input in inputs)
            {
                foreach (var target in (JsonArray)input["to"]!)
                    records.Portal.Dissociate(records.Kind.Name, input["from"]!["id"]!.ToString(), kind.Name, target!["id"]!.ToString());
            }
        }

        return version == "v4" ? Results.NoContent() : Results.Json(new JsonObject { ["status"] = "COMPLETE" });
    }

    // Ids are numbers here, as recorded answers show them, though the published files say text.
    private static JsonArray Links(Records records, string id, ObjectKind to) => new([.. records.Portal.AssociatedIds(records.Kind.Name, id, to.Name).Select(toId =>
        (JsonNode)new JsonObject
        {
            ["toObjectId"] = long.Parse(toId),
            ["associationTypes"] = new JsonArray([.. records.Portal.Associations[$"{records.Kind.Name}/{id}/{to.Name}/{toId}"].Order().Select(t =>
                (JsonNode)new JsonObject { ["category"] = "HUBSPOT_DEFINED", ["typeId"] = t, ["label"] = AssociationKind.Label(t) })]),
        })]);
}
