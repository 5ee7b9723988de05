using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

internal static class PropertyEndpoints
{
    public static void MapProperties(this IEndpointRouteBuilder routes)
    {
        const string path = "/crm/properties/{ver}/{type}";
        routes.MapCall("GET", path, new("properties.list"), List);
        routes.MapCall("POST", path, new("properties.create"), Create);
        routes.MapCall("GET", path + "/{name}", new("properties.get"), Get);
        routes.MapCall("PATCH", path + "/{name}", new("properties.update"), Update);
        routes.MapCall("DELETE", path + "/{name}", new("properties.archive"), Archive);
        routes.MapCall("POST", path + "/batch/create", new("properties.batch.create"), BatchCreate);
        routes.MapCall("POST", path + "/batch/read", new("properties.batch.read"), BatchRead);
        routes.MapCall("POST", path + "/batch/archive", new("properties.batch.archive"), BatchArchive);
        routes.MapCall("GET", path + "/groups", new("properties.groups.list"), ListGroups);
        routes.MapCall("POST", path + "/groups", new("properties.groups.create"), CreateGroup);
        routes.MapCall("GET", path + "/groups/{name}", new("properties.groups.get"), GetGroup);
        routes.MapCall("PATCH", path + "/groups/{name}", new("properties.groups.update"), UpdateGroup);
        routes.MapCall("DELETE", path + "/groups/{name}", new("properties.groups.archive"), ArchiveGroup);
    }

    private static Answer List(ApiCall call) => Locked(call, type =>
    {
        var archived = call.Query("archived") == "true";
        var properties = call.Portal.Properties(type).All
            .Where(p => p.ArchivedAt is not null == archived && call.Portal.Shows(p, call.Now));
        return Answer.Ok(new JsonObject
        {
            ["results"] = new JsonArray([.. properties.Select(p => PropertyJson.Write(call.Portal, type, p))]),
        });
    });

    private static Answer Get(ApiCall call) => Locked(call, type =>
    {
        var registry = call.Portal.Properties(type);
        var name = call.Route("name");
        var property = call.Query("archived") == "true" ? registry.FindArchived(name) : registry.Find(name);
        return Answer.Ok(PropertyJson.Write(
            call.Portal, type, property is not null && call.Portal.Shows(property, call.Now) ? property : throw PropertyRules.NotFound(name)));
    });

    private static Answer Create(ApiCall call) => Changing(call, type =>
        Answer.Created(PropertyJson.Write(call.Portal, type, PropertyRules.Create(call, type, call.Body))));

    private static Answer Update(ApiCall call) => Changing(call, type =>
        Answer.Ok(PropertyJson.Write(call.Portal, type, PropertyRules.Change(call, type, call.Route("name"), call.Body))));

    private static Answer Archive(ApiCall call) => Changing(call, type =>
    {
        PropertyRules.Archive(call, type, call.Route("name"));
        return Answer.NoContent();
    });

    private static Answer BatchCreate(ApiCall call) => Changing(call, type => ForEach(
        call, 201, input => PropertyJson.Write(call.Portal, type, PropertyRules.Create(call, type, input))));

    private static Answer BatchRead(ApiCall call) => Locked(call, type => ForEach(call, 200, input =>
    {
        var name = input.Text("name") ?? "";
        return PropertyJson.Write(call.Portal, type, call.Portal.Properties(type).Find(name) ?? throw PropertyRules.NotFound(name));
    }));

    private static Answer BatchArchive(ApiCall call) => Changing(call, type =>
    {
        var names = call.Body.Inputs().Select(i => i.Text("name") ?? "").Where(n => call.Portal.Properties(type).Find(n) is not null).Distinct().ToList();
        names.ForEach(name => PropertyRules.CheckDeletable(call, type, name));
        names.ForEach(name => PropertyRules.Archive(call, type, name));

        return Answer.NoContent();
    });

    private static Answer ListGroups(ApiCall call) => Locked(call, type => Answer.Ok(new JsonObject
    {
        ["results"] = new JsonArray([.. call.Portal.Properties(type).Groups.Select(PropertyJson.Write)]),
    }));

    private static Answer GetGroup(ApiCall call) => Locked(call, type => Answer.Ok(PropertyJson.Write(KnownGroup(call, type))));

    private static Answer UpdateGroup(ApiCall call) => Changing(call, type =>
    {
        var groups = call.Portal.Properties(type).Groups;
        var group = KnownGroup(call, type);
        var changed = group with
        {
            Label = call.Body.Text("label") ?? group.Label,
            DisplayOrder = call.Body.Number("displayOrder") ?? group.DisplayOrder,
        };
        groups[groups.IndexOf(group)] = changed;
        return Answer.Ok(PropertyJson.Write(changed));
    });

    private static Answer ArchiveGroup(ApiCall call) => Changing(call, type =>
    {
        var registry = call.Portal.Properties(type);
        var group = KnownGroup(call, type);
        if (registry.All.Any(p => p.GroupName == group.Name && p.ArchivedAt is null))
        {
            throw Refusal.Validation(
                $"Property group '{group.Name}' has properties and cannot be deleted.", "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES");
        }

        registry.Groups.Remove(group);
        return Answer.NoContent();
    });

    private static PropertyGroup KnownGroup(ApiCall call, ObjectType type) =>
        call.Portal.Properties(type).Groups.Find(g => g.Name == call.Route("name"))
        ?? throw Refusal.Of(404, "OBJECT_NOT_FOUND", $"Property group '{call.Route("name")}' does not exist.");

    private static Answer CreateGroup(ApiCall call) => Changing(call, type =>
    {
        var groups = call.Portal.Properties(type).Groups;
        if (call.Body.Text("name") is not { Length: > 0 } name || call.Body.Text("label") is not { Length: > 0 } label)
        {
            throw Refusal.Validation("Invalid input JSON: some required fields were not set: [name, label]");
        }

        if (groups.Any(g => g.Name == name))
        {
            throw Refusal.Of(409, "OBJECT_ALREADY_EXISTS", $"A property group named '{name}' already exists.");
        }

        groups.Add(new(name, label, call.Body.Number("displayOrder") ?? -1));
        return Answer.Created(PropertyJson.Write(groups[^1]));
    });

    private static Answer ForEach(ApiCall call, int success, Func<JsonObject, JsonNode> act)
    {
        var results = new List<JsonNode>();
        var errors = new List<JsonNode>();
        foreach (var input in call.Body.Inputs())
        {
            try
            {
                results.Add(act(input));
            }
            catch (Refusal refusal)
            {
                refusal.Body.Remove("correlationId");
                errors.Add(refusal.Body);
            }
        }

        return Answer.Batch(call.Now, results, errors, success);
    }

    private static Answer Changing(ApiCall call, Func<ObjectType, Answer> act)
    {
        var answer = Locked(call, act, "write");
        call.Store.Touch();
        return answer;
    }

    private static Answer Locked(ApiCall call, Func<ObjectType, Answer> act, string right = "read")
    {
        var type = call.Type;
        Scopes.RequireSchema(call, type, right);
        lock (call.Portal.Gate)
        {
            return act(type);
        }
    }
}
