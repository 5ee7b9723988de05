using System.Text.Json;

namespace HubSpotBus.Auth.Egress;

/// <summary>Which limit a 429 is about, and how long it asks to be left alone.</summary>
public sealed record RateLimitRefusal(bool Daily, bool TenSecondly, TimeSpan Wait)
{
    // Where nobody knows which count it is about or when the account's midnight is, it is tried again now and then.
    private static readonly TimeSpan _daily = TimeSpan.FromMinutes(10);

    public static RateLimitRefusal Read(Attempt attempt)
    {
        var policy = Policy(attempt.Body);
        var daily = policy.Contains("DAILY", StringComparison.OrdinalIgnoreCase);
        var tenSecondly = policy.Contains("TEN_SECONDLY", StringComparison.OrdinalIgnoreCase);
        var wait = attempt.RetryAfter ?? (daily ? _daily : TimeSpan.FromSeconds(tenSecondly ? 10 : 1));
        return new RateLimitRefusal(daily, tenSecondly, wait);
    }

    /// <summary>The time until the account's midnight, when HubSpot begins to count the day's calls anew.</summary>
    public static TimeSpan RestOfDay(string? timeZone, DateTimeOffset now)
    {
        if (timeZone is null || !TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
            return _daily;
        var midnight = TimeZoneInfo.ConvertTime(now, zone).Date.AddDays(1);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)) - now;
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
