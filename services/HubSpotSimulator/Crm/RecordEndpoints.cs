using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>One record at a time, and lists.</summary>
internal static class RecordEndpoints
{
    private const string Path = "/crm/objects/{ver}/{type}";

    public static void MapRecords(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", Path, new("{type}.list"), List);
        routes.MapCall("POST", Path, new("{type}.create"), Create);
        routes.MapCall("GET", Path + "/{id}", new("{type}.get"), Get);
        routes.MapCall("PATCH", Path + "/{id}", new("{type}.update"), Update);
        routes.MapCall("DELETE", Path + "/{id}", new("{type}.archive"), Archive);
        routes.MapCall("POST", Path + "/{id}/restore", new("{type}.restore"), Restore);
        routes.MapMerge(Path);
        routes.MapBatches(Path);
    }

    public static Answer Create(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "write");
        lock (call.Portal.Gate)
        {
            var plan = new WritePlan(call, type, tellsExistingId: true);
            var write = plan.Create(call.Body);
            plan.Commit(write);
            return Answer.Created(RecordJson.Written(call.Portal, type, write)) with
            {
                Location = $"{call.BaseAddress}/crm/objects/{call.Version}/{type.Plural}/{write.Record.Id}",
            };
        }
    }

    private static Answer Get(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "read");
        lock (call.Portal.Gate)
        {
            var archived = call.Query("archived") == "true";
            var record = archived ? call.Portal.Table(type).FindArchived(call.Route("id")) : null;
            record ??= archived ? throw Refusal.NotFound() : Known(call, type, "get");
            var ties = RecordJson.Associations(call, type, record.Id, Associated(call));
            return Answer.Ok(Reader(call, type).Read(record, ties));
        }
    }

    public static Answer Update(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "write");
        lock (call.Portal.Gate)
        {
            var plan = new WritePlan(call, type, tellsExistingId: true);
            var write = plan.Update(Known(call, type, "update"), call.Body);
            plan.Commit(write);
            return Answer.Ok(RecordJson.Written(call.Portal, type, write));
        }
    }

    public static Answer Archive(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "write");
        lock (call.Portal.Gate)
        {
            var (id, table) = (call.Route("id"), call.Portal.Table(type));
            if (call.Portal.Switches.UnknownDeletesAreNotFound && table.Find(id) is null && table.FindArchived(id) is null)
            {
                throw Refusal.NotFound();
            }

            RecordBin.Archive(call, type, id);
            return Answer.NoContent();
        }
    }

    private static Answer Restore(ApiCall call)
    {
        Scopes.Require(call, call.Type, "write");
        return call.Portal.Switches.RestoresByApi ? RecordBin.Restore(call) : throw Refusal.NotFound();
    }

    private static Answer List(ApiCall call)
    {
        var type = call.Type;
        Scopes.Require(call, type, "read");
        var limit = int.TryParse(call.Query("limit"), out var asked) ? asked : 10;
        var most = call.QueryList("propertiesWithHistory") is { Count: > 0 } ? 50 : 100;
        if (limit < 1 || limit > most)
        {
            throw Refusal.Validation($"Invalid limit {limit}: a page has 1 to {most} records");
        }

        var after = long.TryParse(call.Query("after"), out var id) ? id : 0;
        lock (call.Portal.Gate)
        {
            var table = call.Portal.Table(type);
            var page = table.Page(after, call.Query("archived") == "true").Take(limit + 1).ToList();
            var others = Associated(call);
            var reader = Reader(call, type);
            var results = page.Take(limit).Select(r => reader.Read(r, RecordJson.Associations(call, type, r.Id, others)));
            return Answer.Ok(Paging.Page(call, results, page.Count > limit ? page[limit].Id : null));
        }
    }

    private static RecordReader Reader(ApiCall call, ObjectType type) =>
        new(call.Portal, type, call.QueryList("properties"), call.QueryList("propertiesWithHistory"));

    private static List<ObjectType> Associated(ApiCall call) =>
        [.. (call.QueryList("associations") ?? []).Select(n => ObjectType.Find(n.Replace(' ', '_'))).OfType<ObjectType>()];

    /// <summary>The record of the path, by id or by a unique property.</summary>
    private static CrmRecord Known(ApiCall call, ObjectType type, string what)
    {
        var table = call.Portal.Table(type);
        var key = call.Query("idProperty");
        if (key is null or "hs_object_id")
        {
            return RecordKeys.ById(table, call.Route("id"));
        }

        if (key == "domain" && type == ObjectType.Companies && what == "get" && call.Portal.Switches.DomainIsKeyForGet)
        {
            return table.Live.FirstOrDefault(r => string.Equals(r[key], call.Route("id"), StringComparison.OrdinalIgnoreCase))
                ?? throw Refusal.NotFound();
        }

        RecordKeys.RequireUnique(call.Portal, type, key, what);
        return table.Find(table.Owner(key, call.Route("id")) ?? "") ?? throw Refusal.NotFound();
    }
}
