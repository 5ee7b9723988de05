using System.Text.Json;

namespace HubSpotBus.Auth.Egress;

/// <summary>What the caller gets: HubSpot's answer as it is, or the egress's own refusal, told apart by <see cref="Refusal"/>.</summary>
public sealed record EgressAnswer
{
    public required int Status { get; init; }

    public byte[] Body { get; init; } = [];

    public string? ContentType { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>throttled | paused | unanswered; null for an answer of HubSpot.</summary>
    public string? Refusal { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True when an attempt before the one that was answered may still be carried out.</summary>
    public bool EarlierMayCome { get; init; }

    public static EgressAnswer Of(Attempt attempt) => new()
    {
        Status = attempt.Status,
        Body = attempt.Body,
        ContentType = attempt.ContentType,
        CorrelationId = attempt.CorrelationId,
    };

    /// <summary>Nothing was done; come back later.</summary>
    public static EgressAnswer Throttled(string reason, TimeSpan retryAfter) => Own(429, "throttled", reason, retryAfter);

    /// <summary>Nothing was done; nothing can be until the connection is in order.</summary>
    public static EgressAnswer Paused(string reason, TimeSpan? retryAfter) => Own(503, "paused", reason, retryAfter);

    /// <summary>HubSpot may or may not have done it; 504 where it thought for too long.</summary>
    public static EgressAnswer Unanswered(Attempt attempt) =>
        Own(attempt is { Lost: Lost.TimedOut } or { Status: 524 } ? 504 : 502, "unanswered", $"{attempt.Describe()}; whether it was done is not known.", null)
            with { CorrelationId = attempt.CorrelationId, EarlierMayCome = true };

    private static EgressAnswer Own(int status, string refusal, string reason, TimeSpan? retryAfter) => new()
    {
        Status = status,
        Refusal = refusal,
        RetryAfter = retryAfter,
        ContentType = "application/json",
        Body = JsonSerializer.SerializeToUtf8Bytes(new { status = "error", message = reason }),
    };
}
