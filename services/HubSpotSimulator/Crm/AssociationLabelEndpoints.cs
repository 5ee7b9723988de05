using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>The types of ties between two object types: HubSpot's, and the labels that the account has made.</summary>
internal static class AssociationLabelEndpoints
{
    public static void MapAssociationLabels(this IEndpointRouteBuilder routes)
    {
        const string path = "/crm/associations/{ver}/{from}/{to}/labels";
        routes.MapCall("GET", path, new("associations.labels.list", LimitRule.Associations), List);
        routes.MapCall("POST", path, new("associations.labels.create", LimitRule.Associations), Create);
        routes.MapCall("PUT", path, new("associations.labels.update", LimitRule.Associations), Update);
        routes.MapCall("DELETE", path + "/{id}", new("associations.labels.delete", LimitRule.Associations), Delete);
    }

    private static Answer List(ApiCall call)
    {
        var (from, to) = call.Pair("read");
        return Results(call.Portal.Associations.Types.Between(from, to));
    }

    private static Answer Create(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        AssociationRules.Plain(from, to);
        if (call.Body.Text("label") is not { Length: > 0 } label || call.Body.Text("name") is not { Length: > 0 })
        {
            throw Refusal.Validation("Invalid input JSON: some required fields were not set: [label, name]");
        }

        lock (call.Portal.Gate)
        {
            var types = call.Portal.Associations.Types;
            RequireNew(types, from, to, label);
            if (types.Between(from, to).Where(t => t.IsOwn).DistinctBy(t => Math.Min(t.Id, t.InverseId)).Count() >= AssociationTypes.MostLabels)
            {
                throw Refusal.Validation(
                    $"{from.LegacyName} and {to.LegacyName} have {AssociationTypes.MostLabels} association labels already; that is the limit");
            }

            var made = types.AddLabel(from, to, label, call.Body.Text("inverseLabel"));
            call.Store.Touch();
            return Results(made);
        }
    }

    private static Answer Update(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        lock (call.Portal.Gate)
        {
            var types = call.Portal.Associations.Types;
            var label = Own(types, from, to, call.Body.Text("associationTypeId"));
            var text = call.Body.Text("label") is { Length: > 0 } given
                ? given
                : throw Refusal.Validation("Invalid input JSON: some required fields were not set: [label]");
            if (text != label.Label)
            {
                RequireNew(types, from, to, text);
            }

            var inverse = types.Find(label.InverseId)!;
            types.PutLabel(inverse with { Label = call.Body.Text("inverseLabel") ?? (inverse.Label == label.Label ? text : inverse.Label) });
            types.PutLabel(label with { Label = text });
            call.Store.Touch();
            return Answer.NoContent();
        }
    }

    /// <summary>The ties stay, without the label.</summary>
    private static Answer Delete(ApiCall call)
    {
        var (from, to) = call.Pair("write");
        lock (call.Portal.Gate)
        {
            var types = call.Portal.Associations.Types;
            var label = Own(types, from, to, call.Route("id"));
            call.Portal.Associations.RemoveEverywhere(label);
            types.RemoveLabel(label);
            call.Store.Touch();
            return Answer.NoContent();
        }
    }

    private static AssociationType Own(AssociationTypes types, ObjectType from, ObjectType to, string? id) =>
        types.Between(from, to).FirstOrDefault(t => t.IsOwn && t.Id.ToString() == id)
        ?? throw Refusal.Validation($"{id} is no association label of this account from {from.LegacyName} to {to.LegacyName}");

    private static void RequireNew(AssociationTypes types, ObjectType from, ObjectType to, string label)
    {
        if (types.Between(from, to).Any(t => string.Equals(t.Label, label, StringComparison.OrdinalIgnoreCase)))
        {
            throw Refusal.Validation($"{from.LegacyName} and {to.LegacyName} have an association label '{label}' already");
        }
    }

    private static Answer Results(IEnumerable<AssociationType> types) => Answer.Ok(new JsonObject
    {
        ["results"] = new JsonArray([.. types.Select(t => new JsonObject
        {
            ["category"] = t.Category,
            ["typeId"] = t.Id,
            ["label"] = t.Label,
        })]),
    });
}
