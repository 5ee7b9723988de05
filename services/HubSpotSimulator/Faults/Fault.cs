using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Faults;

/// <summary>A failure that somebody asks for.</summary>
public sealed record Fault
{
    public string Id { get; init; } = "";

    public FaultMatch Match { get; init; } = new();

    /// <summary>0 cuts the connection; null only delays.</summary>
    public int? Status { get; init; }

    /// <summary>JSON, or text that is sent as it is.</summary>
    public JsonNode? Body { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>How often; without it and without a rate, every time.</summary>
    public int? Times { get; init; }

    /// <summary>The share of fitting calls that fail, 0 to 1.</summary>
    public double? Rate { get; init; }

    /// <summary>Makes the rate repeatable: the same seed strikes the same calls, counted among those that fit.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// "before": nothing is done. "after": the call is done and committed, then its answer is replaced.
    /// "late": the answer is sent at once, and the call is done after the delay.
    /// </summary>
    public string When { get; init; } = "before";

    public int DelayMilliseconds { get; init; }

    internal bool IsAfter => When.Equals("after", StringComparison.OrdinalIgnoreCase);

    internal bool IsLate => When.Equals("late", StringComparison.OrdinalIgnoreCase);

    /// <summary>423: too many writes in a short time; HubSpot's lock lasts two seconds.</summary>
    public static Fault Locked(string kind, int times = 1) => new() { Match = new() { Kind = kind }, Status = 423, Times = times };

    /// <summary>477: the account is being moved to another data centre.</summary>
    public static Fault Moving(int retryAfterSeconds, int times = 1) =>
        new() { Status = 477, RetryAfterSeconds = retryAfterSeconds, Times = times };

    /// <summary>504 at once, and the write happens all the same, later.</summary>
    public static Fault CommitsLate(string kind, TimeSpan delay, int times = 1) => new()
    {
        Match = new() { Kind = kind },
        Status = 504,
        When = "late",
        DelayMilliseconds = (int)delay.TotalMilliseconds,
        Times = times,
    };

    internal Answer Answer() => new(Status ?? 200, BodyToSend()) { RetryAfterSeconds = RetryAfterSeconds };

    private JsonNode? BodyToSend() => Body switch
    {
        JsonValue text when text.GetValueKind() == JsonValueKind.String && IsJson(text.GetValue<string>(), out var parsed) => parsed,
        not null => Body.DeepClone(),
        _ when Status == 423 => Refusal.Of(423, null, "The record is locked by too many writes in a short time; try again later").Body,
        _ when Status == 477 => Refusal.Of(477, null, "This account is being moved to another data centre; try again later").Body,
        _ when Status >= 400 => Refusal.Of(Status.Value, null, $"A failure asked for in the simulator ({Status})").Body,
        _ => null,
    };

    private static bool IsJson(string text, out JsonNode? parsed)
    {
        try
        {
            parsed = JsonNode.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            parsed = null;
            return false;
        }
    }
}

/// <summary><c>Kind</c> is a kind as counted, e.g. <c>orders.batch.create</c>; a <c>*</c> at either end stands for anything.</summary>
public sealed record FaultMatch
{
    public string? Kind { get; init; }

    public string? PathContains { get; init; }

    internal bool Fits(string kind, string path) => KindFits(kind)
        && (PathContains is null || path.Contains(PathContains, StringComparison.OrdinalIgnoreCase));

    private bool KindFits(string kind) => Kind switch
    {
        null or "" or "*" => true,
        ['*', .. var end] => kind.EndsWith(end, StringComparison.OrdinalIgnoreCase),
        [.. var start, '*'] => kind.StartsWith(start, StringComparison.OrdinalIgnoreCase),
        _ => kind.Equals(Kind, StringComparison.OrdinalIgnoreCase),
    };
}
