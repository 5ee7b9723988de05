using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.OAuth;

namespace HubSpotBus.HubSpotSimulator.Webhooks;

/// <summary>The app's webhooks in the hands of its developer, who has a key: the same settings that the admin API shows and sets.</summary>
internal static class WebhookManagement
{
    private const int MostSubscriptions = 1000;

    public static void MapWebhookManagement(this IEndpointRouteBuilder routes)
    {
        // As of 2026-09 under another name.
        foreach (var (area, versions) in ((string, string[])[])[("webhooks", ["v3", "2026-03"]), ("app-webhooks", ["2026-09"])])
        {
            Map("GET", "/settings", "webhooks.settings.get", Settings);
            Map("PUT", "/settings", "webhooks.settings.set", SetSettings);
            Map("DELETE", "/settings", "webhooks.settings.delete", DeleteSettings);
            Map("GET", "/subscriptions", "webhooks.subscriptions.list", Subscriptions);
            Map("POST", "/subscriptions", "webhooks.subscriptions.create", Create);
            Map("POST", "/subscriptions/batch/update", "webhooks.subscriptions.batch.update", UpdateSeveral);
            Map("GET", "/subscriptions/{id}", "webhooks.subscriptions.get", Subscription);
            Map("PATCH", "/subscriptions/{id}", "webhooks.subscriptions.update", Update);
            Map("DELETE", "/subscriptions/{id}", "webhooks.subscriptions.delete", Delete);

            void Map(string method, string path, string kind, CallHandler handler) =>
                routes.MapCall(method, $"/{area}/{{ver}}/{{appId}}{path}",
                    new(kind, NeedsToken: false, Check: call => RequireDeveloper(call, versions)), handler);
        }
    }

    private static void RequireDeveloper(ApiCall call, string[] versions)
    {
        if (call.Query("hapikey") is not { Length: > 0 } key)
        {
            throw BearerTokens.NoCredentials();
        }

        if (key != call.Store.Options.DeveloperKey)
        {
            throw Refusal.Of(401, "INVALID_AUTHENTICATION",
                "The API key provided is invalid. View or manage your API key here: https://app.hubspot.com/l/api-key/");
        }

        if (call.Route("appId") != TokenEndpoints.AppId.ToString() || !versions.Contains(call.Version))
        {
            throw Refusal.NotFound();
        }
    }

    private static Answer Settings(ApiCall call) => Answer.Ok(SettingsJson(call, call.Store.Webhooks));

    private static Answer SetSettings(ApiCall call)
    {
        var missing = ((string[])["targetUrl", "throttling"]).Where(f => call.Body[f] is null).ToList();
        if (missing.Count > 0)
        {
            throw Refusal.Validation($"Invalid input JSON: some required fields were not set: [{string.Join(", ", missing)}]");
        }

        if (!Uri.TryCreate(call.Body.Text("targetUrl"), UriKind.Absolute, out var target)
            || !(target.Scheme == "https" || (target.Scheme == "http" && target.IsLoopback)))
        {
            throw Refusal.Validation("targetUrl must be an address that begins with https, unless it leads to this computer (localhost).");
        }

        if ((call.Body["throttling"] as JsonObject)?.Number("maxConcurrentRequests") is not (> 5 and <= 10 and var atOnce))
        {
            throw Refusal.Validation("throttling.maxConcurrentRequests must be more than 5 and at most 10.");
        }

        return Answer.Ok(SettingsJson(call, call.Store.ChangeWebhooks(settings => settings with
        {
            TargetUrl = target,
            MaxConcurrentRequests = atOnce,
            CreatedAt = settings.TargetUrl is null ? call.Now : settings.CreatedAt,
            UpdatedAt = call.Now,
        })));
    }

    /// <summary>The subscriptions stay, and wait for another address.</summary>
    private static Answer DeleteSettings(ApiCall call)
    {
        call.Store.ChangeWebhooks(settings => settings with { TargetUrl = null });
        return Answer.NoContent();
    }

    private static Answer Subscriptions(ApiCall call) => Answer.Ok(new JsonObject
    {
        ["results"] = new JsonArray([.. call.Store.Webhooks.Subscriptions.Select(Json)]),
    });

    private static Answer Subscription(ApiCall call) => Answer.Ok(Json(Find(call.Store.Webhooks, call.Route("id"))));

    private static Answer Create(ApiCall call)
    {
        var asked = new WebhookSubscription
        {
            SubscriptionType = call.Body.Text("eventType") ?? "",
            ObjectTypeId = call.Body.Text("objectTypeId"),
            PropertyName = call.Body.Text("propertyName"),
            Active = call.Body.Flag("active") ?? false,
            CreatedAt = call.Now,
            UpdatedAt = call.Now,
        };
        var isOfProperty = asked.SubscriptionType.EndsWith(".propertyChange", StringComparison.Ordinal);
        if ((WebhookSettings.Problem(asked) ?? (isOfProperty && asked.PropertyName is null ? $"{asked.SubscriptionType} needs a propertyName" : null))
            is { } problem)
        {
            throw Refusal.Validation(problem);
        }

        return Answer.Created(Json(call.Store.ChangeWebhooks(settings => settings.Subscriptions.Count < MostSubscriptions
            ? settings.With(asked)
            : throw Refusal.Validation($"An app has at most {MostSubscriptions} subscriptions.")).Subscriptions[^1]));
    }

    private static Answer Update(ApiCall call) => Answer.Ok(Json(Pause(call, call.Route("id"), call.Body)));

    private static Answer UpdateSeveral(ApiCall call)
    {
        var results = new List<JsonNode>();
        var errors = new List<JsonNode>();
        foreach (var input in call.Body.Inputs())
        {
            var id = input.Text("id") ?? "";
            try
            {
                results.Add(Json(Pause(call, id, input)));
            }
            catch (Refusal refusal)
            {
                refusal.Body["context"] = new JsonObject { ["ids"] = new JsonArray(id) };
                refusal.Body.Remove("correlationId");
                errors.Add(refusal.Body);
            }
        }

        return Answer.Batch(call.Now, results, errors);
    }

    private static Answer Delete(ApiCall call)
    {
        call.Store.ChangeWebhooks(settings => settings.Without(Find(settings, call.Route("id"))));
        return Answer.NoContent();
    }

    /// <summary>All that can be changed is whether it is active.</summary>
    private static WebhookSubscription Pause(ApiCall call, string id, JsonObject body)
    {
        var active = body.Flag("active") ?? throw Refusal.Validation("Invalid input JSON: some required fields were not set: [active]");
        var changed = call.Store.ChangeWebhooks(
            settings => settings.Changed(Find(settings, id) with { Active = active, UpdatedAt = call.Now }));
        return Find(changed, id);
    }

    private static WebhookSubscription Find(WebhookSettings settings, string id) =>
        settings.Subscriptions.FirstOrDefault(s => s.Id.ToString() == id) ?? throw Refusal.NotFound();

    private static JsonObject SettingsJson(ApiCall call, WebhookSettings settings)
    {
        var throttling = new JsonObject { ["maxConcurrentRequests"] = settings.MaxConcurrentRequests };
        if (call.Version == "v3")
        {
            throttling["period"] = "SECONDLY";
        }

        return new JsonObject
        {
            ["createdAt"] = Stamp(settings.CreatedAt),
            ["targetUrl"] = (settings.TargetUrl ?? throw Refusal.NotFound()).OriginalString,
            ["throttling"] = throttling,
            ["updatedAt"] = Stamp(settings.UpdatedAt),
        };
    }

    private static JsonObject Json(WebhookSubscription subscription)
    {
        var json = new JsonObject
        {
            ["id"] = subscription.Id.ToString(),
            ["eventType"] = subscription.SubscriptionType,
            ["active"] = subscription.Active,
            ["createdAt"] = Stamp(subscription.CreatedAt),
            ["updatedAt"] = Stamp(subscription.UpdatedAt),
        };
        if (subscription.PropertyName is { } property)
        {
            json["propertyName"] = property;
        }

        if (subscription.ObjectTypeId is { } type)
        {
            json["objectTypeId"] = type;
        }

        return json;
    }

    /// <summary>What the simulator was started with is of no time.</summary>
    private static string Stamp(DateTimeOffset? time) => Calls.Json.Time(time ?? DateTimeOffset.UnixEpoch);
}
