using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>The ties of one record.</summary>
internal static class AssociationEndpoints
{
    private const string Path = "/crm/objects/{ver}/{from}/{id}/associations";

    public static void MapAssociations(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("PUT", Path + "/default/{to}/{toId}", new("associations.put.default"), PutDefault);
        routes.MapCall("PUT", Path + "/{to}/{toId}", new("associations.put"), Put);
        routes.MapCall("DELETE", Path + "/{to}/{toId}", new("associations.delete"), Delete);
        routes.MapCall("GET", Path + "/{to}", new("associations.list"), List);
        routes.MapAssociationBatches();
        routes.MapAssociationLabels();
    }

    private static Answer PutDefault(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        var type = AssociationRules.Plain(from, to);
        lock (call.Portal.Gate)
        {
            AssociationRules.Check(call.Portal, type, call.Route("id"), call.Route("toId"));
            Ties.Tie(call, type, call.Route("id"), call.Route("toId"));
        }

        call.Store.Touch();
        return Answer.Batch(call.Now, AssociationJson.BothWays(type, call.Route("id"), call.Route("toId")), []);
    }

    private static Answer Put(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        var types = (call.BodyArray ?? []).OfType<JsonObject>().Select(spec => AssociationRules.Named(call.Portal, spec, from, to)).ToList();
        if (types.Count == 0)
        {
            types.Add(AssociationRules.Plain(from, to));
        }

        var (id, toId) = (call.Route("id"), call.Route("toId"));
        lock (call.Portal.Gate)
        {
            types.ForEach(type => AssociationRules.Check(call.Portal, type, id, toId));
            // The labels that are sent replace those that were.
            Ties.Replace(call, from, id, to, toId, types);
        }

        call.Store.Touch();
        return Answer.Created(AssociationJson.Created(call.Portal, from, id, to, toId, types));
    }

    private static Answer Delete(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        lock (call.Portal.Gate)
        {
            if (long.TryParse(call.Route("toId"), out _))
            {
                Ties.Untie(call, from, call.Route("id"), to, call.Route("toId"));
            }
        }

        call.Store.Touch();
        return Answer.NoContent();
    }

    private static Answer List(ApiCall call)
    {
        var (from, to) = call.Pair("read");
        var limit = int.TryParse(call.Query("limit"), out var asked) ? Math.Clamp(asked, 1, 500) : 500;
        var after = long.TryParse(call.Query("after"), out var id) ? id : 0;
        lock (call.Portal.Gate)
        {
            var record = RecordKeys.ById(call.Portal.Table(from), call.Route("id"));
            var ties = call.Portal.Associations.Of(from, record.Id, to).Where(t => t.Key >= after).Take(limit + 1).ToList();
            var next = ties.Count > limit ? ties[limit].Key.ToString() : null;
            return Answer.Ok(Paging.Page(call, ties.Take(limit).Select(t => AssociationJson.Tie(call.Portal, t.Key, t.Value)), next));
        }
    }
}
