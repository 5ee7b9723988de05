namespace HubSpotBus.Auth.Egress;

/// <summary>How an attempt went that brought no answer.</summary>
public enum Lost
{
    /// <summary>There is an answer.</summary>
    No,

    /// <summary>The connection could not be made: HubSpot has seen nothing of the call.</summary>
    NotSent,

    /// <summary>The connection broke; HubSpot may have done it.</summary>
    Broken,

    /// <summary>No answer in time; HubSpot may have done it.</summary>
    TimedOut,
}

/// <summary>One try of a call and HubSpot's answer to it, read to its end.</summary>
public sealed record Attempt
{
    public Lost Lost { get; init; }

    /// <summary>0 without an answer.</summary>
    public int Status { get; init; }

    public byte[] Body { get; init; } = [];

    public string? ContentType { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public string? CorrelationId { get; init; }

    public int? LimitMax { get; init; }

    /// <summary>The time that <see cref="LimitMax"/> is for; ten seconds where HubSpot does not say.</summary>
    public TimeSpan? LimitInterval { get; init; }

    public int? LimitRemaining { get; init; }

    /// <summary>What is left of the account's calls of the day; HubSpot counts none for OAuth apps.</summary>
    public int? DailyRemaining { get; init; }

    public string Describe() => Lost switch
    {
        Lost.No => $"HubSpot answered {Status}",
        Lost.NotSent => "HubSpot could not be reached",
        Lost.TimedOut => "HubSpot did not answer in time",
        _ => "the connection to HubSpot broke",
    };

    // Not the body: it is for the caller alone.
    public override string ToString() => Describe();

    public static async Task<Attempt> ReadAsync(HttpResponseMessage response, CancellationToken cancellation) => new()
    {
        Status = (int)response.StatusCode,
        Body = await response.Content.ReadAsByteArrayAsync(cancellation),
        ContentType = response.Content.Headers.ContentType?.ToString(),
        RetryAfter = response.Headers.RetryAfter?.Delta,
        CorrelationId = response.Headers.TryGetValues("X-HubSpot-Correlation-Id", out var id) ? id.First() : null,
        LimitMax = Number(response, "X-HubSpot-RateLimit-Max"),
        LimitInterval = Number(response, "X-HubSpot-RateLimit-Interval-Milliseconds") is { } milliseconds and > 0 ? TimeSpan.FromMilliseconds(milliseconds) : null,
        LimitRemaining = Number(response, "X-HubSpot-RateLimit-Remaining"),
        DailyRemaining = Number(response, "X-HubSpot-RateLimit-Daily-Remaining"),
    };

    private static int? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && int.TryParse(values.First(), out var number) && number >= 0 ? number : null;
}
