using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>Ties of many records; what fails is told per input, the rest is done.</summary>
internal static class AssociationBatchEndpoints
{
    private const int ReadLimit = 1000;
    private const int WriteLimit = 2000;
    private const int PageLimit = 500;

    public static void MapAssociationBatches(this IEndpointRouteBuilder routes)
    {
        const string path = "/crm/associations/{ver}/{from}/{to}";
        routes.MapCall("POST", path + "/batch/create", new("associations.batch.create", LimitRule.Associations), Create);
        routes.MapCall("POST", path + "/batch/associate/default", new("associations.batch.associate.default", LimitRule.Associations),
            AssociateDefault);
        routes.MapCall("POST", path + "/batch/read", new("associations.batch.read", LimitRule.Associations), Read);
        routes.MapCall("POST", path + "/batch/archive", new("associations.batch.archive", LimitRule.Associations), Archive);
        routes.MapCall("POST", path + "/batch/labels/archive", new("associations.batch.labels.archive", LimitRule.Associations), ArchiveLabels);
    }

    private static Answer Create(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        var answer = ForEach(call, (input, fromId) =>
        {
            var toId = Id(input, "to");
            var types = input.Objects("types").Select(spec => AssociationRules.Named(call.Portal, spec, from, to)).ToList();
            if (types.Count == 0)
            {
                throw Refusal.Validation("Some required fields were not set: [types]");
            }

            types.ForEach(type => AssociationRules.Check(call.Portal, type, fromId, toId));
            types.ForEach(type => Ties.Tie(call, type, fromId, toId));
            return [AssociationJson.Created(call.Portal, from, fromId, to, toId, types)];
        });
        var success = call.Portal.Switches.AssociationCreateStatus ?? (call.IsNewest ? 200 : 201);
        return answer.Status == 200 ? answer with { Status = success } : answer;
    }

    private static Answer AssociateDefault(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        var type = AssociationRules.Plain(from, to);
        return ForEach(call, (input, fromId) =>
        {
            var toId = Id(input, "to");
            AssociationRules.Check(call.Portal, type, fromId, toId);
            Ties.Tie(call, type, fromId, toId);
            return AssociationJson.BothWays(type, fromId, toId);
        });
    }

    private static Answer Archive(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        var answer = ForEach(call, (input, fromId) =>
        {
            foreach (var toId in input.Objects("to").Select(t => t.Text("id") ?? "").Where(id => long.TryParse(id, out _)))
            {
                Ties.Untie(call, from, fromId, to, toId);
            }

            return [];
        }, limit: call.Portal.Switches.AssociationArchiveLimit);
        return Void(call, answer);
    }

    private static Answer ArchiveLabels(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        var answer = ForEach(call, (input, fromId) =>
        {
            foreach (var type in input.Objects("types").Select(spec => AssociationRules.Named(call.Portal, spec, from, to)))
            {
                Ties.Untie(call, type, fromId, Id(input, "to"));
            }

            return [];
        }, limit: call.Portal.Switches.AssociationArchiveLimit);
        return Void(call, answer);
    }

    private static Answer Read(ApiCall call)
    {
        var (from, to) = call.Pair("read");
        return ForEach(
            call,
            (input, id) =>
            {
                AssociationRules.CheckIsId(id);
                var after = long.TryParse(input.Text("after"), out var place) ? place : 0;
                var ties = call.Portal.Associations.Of(from, id, to).Where(t => t.Key >= after).Take(PageLimit + 1).ToList();
                if (ties.Count == 0)
                {
                    throw NoneFound(from, id, to);
                }

                var result = new JsonObject
                {
                    ["from"] = new JsonObject { ["id"] = id },
                    ["to"] = new JsonArray([.. ties.Take(PageLimit).Select(t => AssociationJson.Tie(call.Portal, t.Key, t.Value))]),
                };
                if (ties.Count > PageLimit)
                {
                    result["paging"] = new JsonObject { ["next"] = new JsonObject { ["after"] = ties[PageLimit].Key.ToString() } };
                }

                return [result];
            },
            input => input.Text("id") ?? "",
            ReadLimit);
    }

    private static Answer ForEach(
        ApiCall call,
        Func<JsonObject, string, IEnumerable<JsonNode>> act,
        Func<JsonObject, string>? idOf = null,
        int limit = WriteLimit)
    {
        var results = new List<JsonNode>();
        var errors = new List<JsonNode>();
        lock (call.Portal.Gate)
        {
            foreach (var input in call.Body.Inputs(limit))
            {
                try
                {
                    results.AddRange(act(input, idOf is null ? Id(input, "from") : idOf(input)));
                }
                catch (Refusal refusal)
                {
                    refusal.Body.Remove("correlationId");
                    errors.Add(refusal.Body);
                }
            }
        }

        call.Store.Touch();
        return Answer.Batch(call.Now, results, errors);
    }

    /// <summary>v4 answers without a body, the dated versions with an empty one, unless a switch says otherwise.</summary>
    private static Answer Void(ApiCall call, Answer answer)
    {
        (answer.Body as JsonObject)?.Remove("results");
        var success = call.Portal.Switches.AssociationArchiveStatus ?? (call.IsDated ? 200 : 204);
        return success == 204 && answer.Status != 207 ? Answer.NoContent() : answer;
    }

    private static string Id(JsonObject input, string side)
    {
        var id = (input[side] as JsonObject)?.Text("id") ?? "";
        AssociationRules.CheckIsId(id);
        return id;
    }

    private static Refusal NoneFound(ObjectType from, string id, ObjectType to) => Refusal.Of(
        404,
        "OBJECT_NOT_FOUND",
        $"No {to.Singular} is associated with {from.Singular} {id}.",
        "crm.associations.NO_ASSOCIATIONS_FOUND",
        new JsonObject
        {
            ["fromObjectId"] = new JsonArray(id),
            ["fromObjectType"] = new JsonArray(from.Singular),
            ["toObjectType"] = new JsonArray(to.Singular),
        });
}
