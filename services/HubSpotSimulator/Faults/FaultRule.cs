using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;

namespace HubSpotBus.HubSpotSimulator.Faults;

internal enum FaultMoment
{
    /// <summary>Nothing is done.</summary>
    Before,

    /// <summary>The call is done and committed, then its answer is replaced.</summary>
    After,
}

/// <summary><c>Kind</c> is a kind as counted, e.g. <c>orders.batch.create</c>; a <c>*</c> at either end stands for anything.</summary>
internal sealed record FaultMatch(string? Kind = null, string? PathContains = null)
{
    public bool Fits(string kind, string path) => KindFits(kind)
        && (PathContains is null || path.Contains(PathContains, StringComparison.OrdinalIgnoreCase));

    private bool KindFits(string kind) => Kind switch
    {
        null or "" or "*" => true,
        ['*', .. var end] => kind.EndsWith(end, StringComparison.OrdinalIgnoreCase),
        [.. var start, '*'] => kind.StartsWith(start, StringComparison.OrdinalIgnoreCase),
        _ => kind.Equals(Kind, StringComparison.OrdinalIgnoreCase),
    };
}

/// <summary>A failure that somebody asked for.</summary>
internal sealed record FaultRule
{
    public string Id { get; init; } = "";

    public FaultMatch Match { get; init; } = new();

    /// <summary>0 cuts the connection; null only delays.</summary>
    public int? Status { get; init; }

    public JsonNode? Body { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>How often; without it and without a rate, every time.</summary>
    public int? Times { get; init; }

    /// <summary>The share of fitting calls that fail, 0 to 1.</summary>
    public double? Rate { get; init; }

    public FaultMoment When { get; init; }

    public int DelayMilliseconds { get; init; }

    public Answer Answer() => new(Status ?? 200, Body?.DeepClone() ?? DefaultBody()) { RetryAfterSeconds = RetryAfterSeconds };

    private JsonObject? DefaultBody() => Status is >= 400
        ? Refusal.Of(Status.Value, null, $"A failure asked for in the simulator ({Status})").Body
        : null;
}
