using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>A refusal, as HubSpot words it.</summary>
internal sealed class RefusedException(int status, string body) : Exception
{
    public RefusedException(int status, JsonObject body)
        : this(status, body.ToJsonString(Errors.Json))
    {
    }

    public int Status => status;

    public JsonObject Body => (JsonObject)JsonNode.Parse(body)!;

    public async Task WriteAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
            return;
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;charset=utf-8";
        await context.Response.WriteAsync(body);
    }
}

/// <summary>HubSpot's error bodies.</summary>
internal static class Errors
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static RefusedException NotAuthenticated() => Error(401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        "INVALID_AUTHENTICATION");

    public static RefusedException TokenExpired(TimeSpan ago) =>
        Error(401, $"The OAuth token used to make this call expired {(long)ago.TotalSeconds} second(s) ago.", "EXPIRED_AUTHENTICATION");

    public static RefusedException MissingScope(string scope)
    {
        var body = Body("This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.", "MISSING_SCOPES");
        body["errors"] = new JsonArray(new JsonObject
        {
            ["message"] = "One or more of the following scopes are required.",
            ["context"] = new JsonObject { ["requiredGranularScopes"] = new JsonArray(scope) },
        });
        return new RefusedException(403, body);
    }

    public static RefusedException TenSecondLimit() => new(429, new JsonObject
    {
        ["status"] = "error", ["message"] = "You have reached your ten_secondly_rolling limit.", ["errorType"] = "RATE_LIMIT",
        ["correlationId"] = Guid.CreateVersion7().ToString(), ["policyName"] = "TEN_SECONDLY_ROLLING",
    });

    public static RefusedException SearchLimit() => new(429, new JsonObject
    {
        ["status"] = "error", ["message"] = "You have reached your secondly limit.", ["errorType"] = "RATE_LIMIT",
        ["correlationId"] = Guid.CreateVersion7().ToString(), ["policyName"] = "SECONDLY",
    });

    public static RefusedException Validation(string message, JsonObject? context = null)
    {
        var body = Body(message, "VALIDATION_ERROR");
        if (context is not null)
            body["context"] = context;
        return new RefusedException(400, body);
    }

    /// <summary>"Property values were not valid", with each value named.</summary>
    public static RefusedException InvalidValues(long portalId, IReadOnlyList<(string Name, string Code, string Message)> invalid)
    {
        var details = new JsonArray([.. invalid.Select(i => (JsonNode)new JsonObject
        {
            ["isValid"] = false, ["message"] = i.Message, ["error"] = i.Code, ["name"] = i.Name,
            ["localizedErrorMessage"] = i.Message, ["portalId"] = portalId,
        })]);
        var body = Body($"Property values were not valid: {details.ToJsonString(Json)}", "VALIDATION_ERROR");
        body["errors"] = new JsonArray([.. invalid.Select(i => (JsonNode)new JsonObject
        {
            ["message"] = i.Message, ["code"] = i.Code, ["context"] = new JsonObject { ["propertyName"] = new JsonArray(i.Name) },
        })]);
        return new RefusedException(400, body);
    }

    public static RefusedException ContactExists(string? existingId)
    {
        var body = Body(existingId is null ? "Contact already exists" : $"Contact already exists. Existing ID: {existingId}", "CONFLICT");
        if (existingId is not null)
            body["context"] = new JsonObject { ["existingId"] = new JsonArray(existingId) };
        return new RefusedException(409, body);
    }

    public static RefusedException ValueTaken(long portalId, string legacyType, string property, string value, string on, string by) => Validation(
        $"Cannot set PropertyValueCoordinates{{portalId={portalId}, objectTypeId=ObjectTypeId{{legacyObjectType={legacyType}}}, "
        + $"propertyName={property}, value={value}}} on {on}. {by} already has that value.");

    public static RefusedException NotFound(string id) => id.All(char.IsDigit)
        ? new RefusedException(404, new JsonObject { ["status"] = "error", ["message"] = "resource not found", ["correlationId"] = Guid.CreateVersion7().ToString() })
        : Error(404, "Object not found.  objectId are usually numeric.", "OBJECT_NOT_FOUND", new JsonObject { ["id"] = new JsonArray(id) });

    public static RefusedException UnknownType(string type) =>
        new(400, new JsonObject { ["status"] = "error", ["message"] = $"Unable to infer object type from: {type}", ["correlationId"] = Guid.CreateVersion7().ToString() });

    public static RefusedException Error(int status, string message, string category, JsonObject? context = null)
    {
        var body = Body(message, category);
        if (context is not null)
            body["context"] = context;
        return new RefusedException(status, body);
    }

    private static JsonObject Body(string message, string category) => new()
    {
        ["status"] = "error", ["message"] = message, ["correlationId"] = Guid.CreateVersion7().ToString(), ["category"] = category,
    };
}
