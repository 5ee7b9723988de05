using System.Text.Json;

namespace HubSpotBus.Auth.Egress;

/// <summary>Which limit a 429 is about, and how long it asks to be left alone.</summary>
public sealed record RateLimitRefusal(bool Daily, bool TenSecondly, TimeSpan Wait)
{
    // The daily count starts anew at the account's midnight; nobody knows when within the day we are.
    private static readonly TimeSpan _daily = TimeSpan.FromMinutes(10);

    public static RateLimitRefusal Read(Attempt attempt)
    {
        var policy = Policy(attempt.Body);
        var daily = policy.Contains("DAILY", StringComparison.OrdinalIgnoreCase);
        var tenSecondly = policy.Contains("TEN_SECONDLY", StringComparison.OrdinalIgnoreCase);
        var wait = attempt.RetryAfter ?? (daily ? _daily : TimeSpan.FromSeconds(tenSecondly ? 10 : 1));
        return new RateLimitRefusal(daily, tenSecondly, wait);
    }

    private static string Policy(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement is { ValueKind: JsonValueKind.Object } error
                && error.TryGetProperty("policyName", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
