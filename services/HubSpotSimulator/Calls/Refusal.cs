using System.Text.Json.Nodes;

namespace HubSpotBus.HubSpotSimulator.Calls;

/// <summary>HubSpot says no. The pipeline turns it into the answer, a batch into one of its <c>errors</c>.</summary>
internal sealed class Refusal(int status, JsonObject body) : Exception
{
    public int Status { get; } = status;

    public JsonObject Body { get; } = body;

    public int? RetryAfterSeconds { get; init; }

    public static Refusal Of(int status, string? category, string message, string? subCategory = null, JsonObject? context = null)
    {
        var body = new JsonObject { ["status"] = "error", ["message"] = message, ["correlationId"] = null };
        if (context is not null)
        {
            body["context"] = context;
        }

        if (category is not null)
        {
            body["category"] = category;
        }

        if (subCategory is not null)
        {
            body["subCategory"] = subCategory;
        }

        return new Refusal(status, body);
    }

    public static Refusal Validation(string message, string? subCategory = null, JsonObject? context = null) =>
        Of(400, "VALIDATION_ERROR", message, subCategory, context);

    public static Refusal Validation(string message, JsonArray errors)
    {
        var refusal = Validation(message);
        refusal.Body["errors"] = errors;
        return refusal;
    }

    public static Refusal NotFound() => Of(404, null, "resource not found");
}
