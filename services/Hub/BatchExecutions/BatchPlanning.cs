namespace HubSpotBus.Hub.BatchExecutions;

/// <summary>How something that a record refers to stands.</summary>
public enum ReferenceState
{
    /// <summary>In HubSpot, or brought there with the batch itself.</summary>
    Ready,

    /// <summary>On its way: whoever refers to it waits.</summary>
    Waiting,

    /// <summary>Not in the hub.</summary>
    Missing,

    /// <summary>Parked before it ever reached HubSpot.</summary>
    Parked,
}

/// <summary>A pending transfer, as far as planning looks at it.</summary>
public sealed record Candidate(Guid Id, bool Backfill, DateTimeOffset PendingSince, int Lines, IReadOnlyList<string> References);

/// <summary>A transfer that cannot go because of what it refers to.</summary>
public sealed record Blocked(Candidate Candidate, string By, ReferenceState Why);

/// <summary>What to do now, and when to look again though nothing happens.</summary>
public sealed record Plan(IReadOnlyList<IReadOnlyList<Candidate>> Batches, IReadOnlyList<Blocked> Blocked, DateTimeOffset? LookAgainAt);

/// <summary>
/// Decides which pending transfers of one data type run together. Live changes linger 30 ms at most; bulk work goes in full batches,
/// or after two seconds of quiet. Pure.
/// </summary>
public static class BatchPlanning
{
    public const int MaxRecords = 100;
    public const int MaxLines = 1000;
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(30);
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    public static Plan Decide(IReadOnlyList<Candidate> pending, Func<string, ReferenceState> stateOf, DateTimeOffset now)
    {
        var blocked = new List<Blocked>();
        var ready = new List<Candidate>();
        foreach (var candidate in pending.OrderBy(c => c.PendingSince))
        {
            var states = candidate.References.Select(r => (Reference: r, State: stateOf(r))).ToList();
            if (states.Find(s => s.State is ReferenceState.Missing or ReferenceState.Parked) is { Reference: { } by, State: var why })
                blocked.Add(new Blocked(candidate, by, why));
            else if (states.TrueForAll(s => s.State == ReferenceState.Ready))
                ready.Add(candidate);
        }

        var live = ready.Where(c => !c.Backfill).ToList();
        var (liveBatches, liveLater) = Cut(live, partialToo: live.Count > 0 && live[0].PendingSince + Linger <= now);
        var bulk = ready.Where(c => c.Backfill).ToList();
        var newest = pending.Where(c => c.Backfill).Select(c => c.PendingSince).DefaultIfEmpty(now).Max();
        var (bulkBatches, bulkLater) = Cut(bulk, partialToo: newest + Quiet <= now);
        DateTimeOffset?[] looks = [liveLater ? live[0].PendingSince + Linger : null, bulkLater ? newest + Quiet : null];
        return new Plan([.. liveBatches, .. bulkBatches], blocked, looks.Min());
    }

    /// <summary>Cuts in order: at most 100 records or 1,000 lines; a larger transaction goes alone.</summary>
    private static (List<IReadOnlyList<Candidate>> Batches, bool SomeLater) Cut(List<Candidate> ready, bool partialToo)
    {
        var batches = new List<IReadOnlyList<Candidate>>();
        var batch = new List<Candidate>();
        foreach (var candidate in ready)
        {
            if (batch.Count == MaxRecords || (batch.Count > 0 && batch.Sum(c => c.Lines) + candidate.Lines > MaxLines))
            {
                batches.Add(batch);
                batch = [];
            }

            batch.Add(candidate);
        }

        var full = batch.Count == MaxRecords || batch.Sum(c => c.Lines) >= MaxLines;
        if (batch.Count > 0 && (full || partialToo))
            batches.Add(batch);
        return (batches, batch.Count > 0 && !full && !partialToo);
    }
}
