using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>What goes into the journal is up to the app, account by account.</summary>
internal static class JournalSubscriptionEndpoints
{
    // Of lists and of installations the simulator has nothing to tell.
    private static readonly string[] SilentTypes = ["LIST_MEMBERSHIP", "APP_LIFECYCLE_EVENT"];

    private static readonly string[] TellingTypes =
        [JournalSubscription.OfObjects, JournalSubscription.OfAssociations, JournalSubscription.OfPrivacyDeletions];

    public static void MapJournalSubscriptions(this IEndpointRouteBuilder routes)
    {
        Map("GET", "", "list", List);
        Map("POST", "", "upsert", Upsert);
        Map("GET", "/{id}", "get", call => Answer.Ok(Json(Known(call))));
        Map("DELETE", "/{id}", "delete", Delete);
        Map("DELETE", "/portals/{portal}", "delete", DeleteOfPortal);
        Map("POST", "/filters", "filters.create", CreateFilter);
        Map("GET", "/filters/{filter}", "filters.get", call => Answer.Ok(Json(call.Store.Journaled.FindFilter(call.Route("filter")))));
        Map("GET", "/filters/subscription/{id}", "filters.list", call => Answer.Ok(new JsonArray([.. Known(call).Filters.Select(Json)])));
        Map("DELETE", "/filters/{filter}", "filters.delete", DeleteFilter);

        void Map(string method, string path, string kind, CallHandler handler) => routes.MapCall(
            method, "/webhooks-journal/subscriptions/{ver}" + path, CallKind.ByApp($"journal.subscriptions.{kind}"), handler);
    }

    private static JournalSubscription Known(ApiCall call) => call.Store.Journaled.Find(call.Route("id"));

    private static Answer List(ApiCall call) => Answer.Ok(new JsonObject
    {
        ["results"] = new JsonArray([.. call.Store.Journaled.All.Select(Json)]),
    });

    private static Answer Upsert(ApiCall call)
    {
        var type = call.Body.Text("subscriptionType") ?? "";
        var tells = TellingTypes.Contains(type);
        if (!tells && !SilentTypes.Contains(type))
        {
            throw Refusal.Validation($"Invalid input JSON: '{type}' is no subscriptionType");
        }

        var missing = ((string[])["portalId", "objectTypeId", "actions"]).Where(f => tells && call.Body[f] is null).ToList();
        if (missing.Count > 0)
        {
            throw Refusal.Validation($"Invalid input JSON: some required fields were not set: [{string.Join(", ", missing)}]");
        }

        var actions = call.Body.Texts("actions");
        if (actions.FirstOrDefault(a => !JournalSubscription.AllActions.Contains(a)) is { } wrong)
        {
            throw Refusal.Validation($"Invalid input JSON: '{wrong}' is no action");
        }

        _ = long.TryParse(call.Body.Text("portalId"), out var portalId);
        if (tells && call.Store.Find(portalId) is null)
        {
            throw Refusal.NotFound();
        }

        return Answer.Ok(Json(call.Store.Journaled.Put(new()
        {
            Type = type,
            PortalId = portalId,
            ObjectTypeId = tells ? TypeId(call.Body.Text("objectTypeId") ?? "") : "",
            Actions = actions,
            Properties = call.Body.Texts("properties"),
            ObjectIds = call.Body.Texts("objectIds"),
            AssociatedObjectTypeIds = [.. call.Body.Texts("associatedObjectTypeIds").Select(TypeId)],
            CreatedAt = call.Now,
            UpdatedAt = call.Now,
        })));
    }

    private static string TypeId(string given) =>
        ObjectType.Find(given)?.TypeId ?? throw Refusal.Of(400, null, $"Unable to infer object type from: {given}");

    private static Answer Delete(ApiCall call)
    {
        var gone = Known(call);
        call.Store.Journaled.Remove(s => s.Id == gone.Id);
        return Answer.NoContent();
    }

    private static Answer DeleteOfPortal(ApiCall call)
    {
        call.Store.Journaled.Remove(s => s.PortalId.ToString() == call.Route("portal"));
        return Answer.NoContent();
    }

    private static Answer CreateFilter(ApiCall call)
    {
        var conditions = (call.Body["filter"] as JsonObject ?? []).Objects("conditions")
            .Select(c => new JournalCondition(c.Text("property") ?? "", c.Text("operator") ?? "", c.Text("value") ?? "", c.Texts("values")))
            .ToList();
        if (conditions.Count == 0 || conditions.Any(c => c.Property.Length == 0 || !JournalCondition.Operators.Contains(c.Operator)))
        {
            throw Refusal.Validation("Invalid input JSON: 'filter' must have conditions, each with a property and a known operator");
        }

        var filter = call.Store.Journaled.AddFilter(call.Body.Text("subscriptionId") ?? "", call.Now, conditions);
        return Answer.Ok(new JsonObject { ["filterId"] = filter.Id });
    }

    private static Answer DeleteFilter(ApiCall call)
    {
        call.Store.Journaled.RemoveFilter(call.Route("filter"));
        return Answer.NoContent();
    }

    private static JsonObject Json(JournalSubscription subscription) => new()
    {
        ["id"] = subscription.Id,
        ["appId"] = TokenEndpoints.AppId,
        ["subscriptionType"] = subscription.Type,
        ["portalId"] = subscription.PortalId,
        ["objectTypeId"] = subscription.ObjectTypeId,
        ["actions"] = Calls.Json.Strings(subscription.Actions),
        ["properties"] = Calls.Json.Strings(subscription.Properties),
        ["objectIds"] = new JsonArray([.. subscription.ObjectIds.Select(id => long.TryParse(id, out var number) ? JsonValue.Create(number) : null)]),
        ["associatedObjectTypeIds"] = Calls.Json.Strings(subscription.AssociatedObjectTypeIds),
        ["createdAt"] = Calls.Json.Time(subscription.CreatedAt),
        ["updatedAt"] = Calls.Json.Time(subscription.UpdatedAt),
    };

    private static JsonObject Json(JournalFilter filter) => new()
    {
        ["id"] = filter.Id,
        ["createdAt"] = filter.CreatedAt.ToUnixTimeMilliseconds(),
        ["filter"] = new JsonObject
        {
            ["conditions"] = new JsonArray([.. filter.Conditions.Select(c => new JsonObject
            {
                ["filterType"] = "CRM_OBJECT_PROPERTY",
                ["property"] = c.Property,
                ["operator"] = c.Operator,
                ["value"] = c.Value,
                ["values"] = Calls.Json.Strings(c.Values),
            })]),
        },
    };
}
