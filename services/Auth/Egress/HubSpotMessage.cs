using System.Text.Json;

namespace HubSpotBus.Auth.Egress;

/// <summary>What an error body says.</summary>
public static class HubSpotMessage
{
    /// <summary>The scopes that a refusal names, wherever it does.</summary>
    public static IReadOnlyList<string> RequiredScopes(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return [.. Named(json.RootElement).Distinct()];
        }
        catch (JsonException)
        {
            return [];
        }

        static IEnumerable<string> Named(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Named),
            JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p is { Name: "requiredGranularScopes", Value.ValueKind: JsonValueKind.Array }
                ? p.Value.EnumerateArray().Where(s => s.ValueKind == JsonValueKind.String).Select(s => s.GetString()!)
                : Named(p.Value)),
            _ => [],
        };
    }

    /// <summary>Its "message".</summary>
    public static string? Read(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
                ? message.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
