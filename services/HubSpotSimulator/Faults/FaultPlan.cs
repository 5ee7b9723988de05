namespace HubSpotBus.HubSpotSimulator.Faults;

/// <summary>A misbehaviour on request.</summary>
public sealed record Fault
{
    public FaultMatch Match { get; init; } = new();

    /// <summary>Answer given instead; 0 aborts the connection.</summary>
    public int Status { get; init; }

    public string? Body { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>How often; null means always (or by rate).</summary>
    public int? Times { get; init; }

    /// <summary>Share of the matching calls, 0 to 1; null means all.</summary>
    public double? Rate { get; init; }

    /// <summary>"before": the call does nothing. "after": it does its work, and the answer is lost.</summary>
    public string When { get; init; } = "before";

    public int DelayMilliseconds { get; init; }
}

public sealed record FaultMatch
{
    /// <summary>Kind of call, such as "line_items.batch.create".</summary>
    public string? Kind { get; init; }

    public string? PathContains { get; init; }
}

/// <summary>The faults in force.</summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Fault, int Left)> _faults = [];

    // A fixed seed: the same calls meet the same faults.
    private readonly Random _dice = new(20260923);

    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (_gate)
                return [.. _faults.Select(f => f.Fault)];
        }
    }

    public void Add(Fault fault)
    {
        lock (_gate)
            _faults.Add((fault, fault.Times ?? int.MaxValue));
    }

    public void Clear()
    {
        lock (_gate)
            _faults.Clear();
    }

    internal Fault? Next(string kind, PathString path)
    {
        lock (_gate)
        {
            for (var i = 0; i < _faults.Count; i++)
            {
                var (fault, left) = _faults[i];
                if ((fault.Match.Kind is { } wanted && wanted != kind)
                    || (fault.Match.PathContains is { } part && !path.Value!.Contains(part, StringComparison.Ordinal))
                    || (fault.Rate is { } rate && _dice.NextDouble() >= rate))
                    continue;
                if (left == 1)
                    _faults.RemoveAt(i);
                else
                    _faults[i] = (fault, left - 1);
                return fault;
            }

            return null;
        }
    }
}
