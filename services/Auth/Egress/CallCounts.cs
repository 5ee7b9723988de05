namespace HubSpotBus.Auth.Egress;

/// <summary>Calls of one subscription on this replica: those of the last while, and those that wait or are under way now.</summary>
public sealed class CallCounts
{
    // No window is longer.
    private static readonly TimeSpan _kept = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Queue<(TimeSpan At, CallKind Call, Happening What)> _happened = new();
    private readonly Dictionary<CallKind, (int Waiting, int InFlight)> _now = [];

    public void Waits(CallKind call) => Move(call, waiting: 1);

    public void WaitsNoMore(CallKind call) => Move(call, waiting: -1);

    public void Goes(CallKind call, TimeSpan now)
    {
        Move(call, inFlight: 1);
        Happened(call, Happening.Called, now);
    }

    public void Ends(CallKind call) => Move(call, inFlight: -1);

    public void Happened(CallKind call, Happening what, TimeSpan now)
    {
        lock (_gate)
        {
            _happened.Enqueue((now, call, what));
            Forget(now);
        }
    }

    /// <summary>By lane and kind, what happened within the window and how it stands now; nothing where nothing did.</summary>
    public IReadOnlyList<CallCount> Read(TimeSpan window, TimeSpan now)
    {
        lock (_gate)
        {
            Forget(now);
            var happened = _happened.Where(h => h.At > now - window).ToLookup(h => h.Call, h => h.What);
            return [.. happened.Select(h => h.Key).Union(_now.Keys).Select(call => new CallCount
            {
                Lane = call.Lane.ToString().ToLowerInvariant(),
                Kind = call.Kind,
                Calls = happened[call].Count(w => w == Happening.Called),
                RefusedByHubSpot = happened[call].Count(w => w == Happening.Refused),
                Throttled = happened[call].Count(w => w == Happening.Throttled),
                Retries = happened[call].Count(w => w == Happening.Retried),
                Waiting = _now.GetValueOrDefault(call).Waiting,
                InFlight = _now.GetValueOrDefault(call).InFlight,
            })];
        }
    }

    private void Move(CallKind call, int waiting = 0, int inFlight = 0)
    {
        lock (_gate)
        {
            var (waits, flies) = _now.GetValueOrDefault(call);
            if ((waits + waiting, flies + inFlight) is var moved && moved == (0, 0))
                _now.Remove(call);
            else
                _now[call] = moved;
        }
    }

    private void Forget(TimeSpan now)
    {
        while (_happened.TryPeek(out var oldest) && oldest.At <= now - _kept)
            _happened.Dequeue();
    }
}

/// <summary>What a call is: its lane, and what it asks of HubSpot, such as "contacts batch read".</summary>
public readonly record struct CallKind(Lane Lane, string Kind);

/// <summary>What happened to a call.</summary>
public enum Happening
{
    /// <summary>It was made.</summary>
    Called,

    /// <summary>HubSpot answered 429.</summary>
    Refused,

    /// <summary>It found no room in time.</summary>
    Throttled,

    /// <summary>It is made again.</summary>
    Retried,
}

/// <summary>Calls of one lane and kind.</summary>
public sealed record CallCount
{
    /// <summary>live, retry, backfill or token.</summary>
    public required string Lane { get; init; }

    /// <summary>Such as "contacts batch read".</summary>
    public required string Kind { get; init; }

    /// <summary>Calls made to HubSpot within the window, repetitions included.</summary>
    public int Calls { get; init; }

    /// <summary>Answers 429 of HubSpot within the window.</summary>
    public int RefusedByHubSpot { get; init; }

    /// <summary>Calls that found no room in time, within the window.</summary>
    public int Throttled { get; init; }

    /// <summary>Calls made again within the window.</summary>
    public int Retries { get; init; }

    /// <summary>Calls that wait for their permit now.</summary>
    public int Waiting { get; init; }

    /// <summary>Calls under way now.</summary>
    public int InFlight { get; init; }
}
