using System.Text.Json;

namespace HubSpotBus.Auth.Egress;

/// <summary>The "message" of an error body.</summary>
public static class HubSpotMessage
{
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
