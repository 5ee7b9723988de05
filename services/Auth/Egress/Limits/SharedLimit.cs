using System.Text.Json.Serialization;

namespace HubSpotBus.Auth.Egress.Limits;

/// <summary>
/// A limit over all replicas: what each of them holds of it and what is spent. A permit of the window counts from when it is handed to a
/// replica until the window's length has passed since its call's <em>answer</em>; HubSpot counts the call somewhere in between, so the
/// limit holds on HubSpot's side too. A replica that is silent for a lease's time has lost its permits: they lapse as if used at the
/// lease's end, and its connections are free. Pure: the row it is kept in gives it one caller at a time and one clock.
/// </summary>
public sealed class SharedLimit
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    // A replica that waits asks at least this often; one that has not asked for longer does not wait any more.
    private static readonly TimeSpan StillWaits = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan OthersMayGiveBack = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan OthersMayHangUp = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);

    /// <summary>Permits that lapse, in order.</summary>
    [JsonInclude]
    public List<Spent> Spent { get; private set; } = [];

    [JsonInclude]
    public Dictionary<Guid, Holder> Holders { get; private set; } = [];

    [JsonInclude]
    public DateTimeOffset ClosedUntil { get; private set; }

    /// <summary>Permits of the window in use.</summary>
    [JsonIgnore]
    public int Used => Spent.Sum(s => s.Calls) + Holders.Values.Sum(h => h.Permits);

    /// <summary>Calls that may be under way now.</summary>
    [JsonIgnore]
    public int Connections => Holders.Values.Sum(h => h.Connections);

    /// <summary>Hears a replica's claim and answers it.</summary>
    public Allotment Hear(Guid replica, Claim claim, DateTimeOffset now)
    {
        Lapse(claim.Length, now);
        if (claim.Answered > 0)
            Spend(claim.Answered, now - claim.AnsweredAgo + claim.Length, claim.Length);
        var mine = Keep(replica, claim, now);
        if (claim.Remaining is { } remaining && claim.Calls - Used - Math.Max(0, remaining - claim.Unused) is > 0 and var unseen)
            Spend(unseen, now + claim.Length, claim.Length);
        if (claim.Closed is { } closed && now + closed > ClosedUntil)
            ClosedUntil = now + closed;

        var waiting = Holders.Values.Where(h => h.AskedAt + StillWaits > now).ToList();
        var permits = now < ClosedUntil ? 0 : Portion(claim.Calls - Used, mine, waiting);
        mine.Permits += permits;
        var mayOpen = claim.AtOnce is { } atOnce ? MayOpen(atOnce, mine, waiting) : 0;
        mine.Connections = Math.Max(mine.Connections, mayOpen);
        var allotment = new Allotment(
            permits, mayOpen, AskAgainIn(claim, permits, mayOpen, now), now < ClosedUntil ? ClosedUntil - now : TimeSpan.Zero, Used,
            waiting.Where(h => h != mine).Aggregate(default(Waiters), (sum, h) => sum + h.Waiting), (claim.Calls, claim.Length, claim.AtOnce));
        mine.Wants = Math.Max(0, claim.Wants - permits);
        if (mine is { Permits: 0, Connections: 0, Wants: 0, WantsOpen: 0 })
            Holders.Remove(replica);
        return allotment;
    }

    /// <summary>No other process is left that could use what it holds: its connections are free, its permits may just have been used.</summary>
    public void EndOthers(Guid replica, TimeSpan length, DateTimeOffset now)
    {
        foreach (var (other, holder) in Holders.Where(h => h.Key != replica).ToList())
        {
            Holders.Remove(other);
            Spend(holder.Permits, now + length, length);
        }
    }

    public int UsedAt(TimeSpan length, DateTimeOffset now)
    {
        Lapse(length, now);
        return Used;
    }

    private Holder Keep(Guid replica, Claim claim, DateTimeOffset now)
    {
        if (!Holders.TryGetValue(replica, out var mine))
            Holders[replica] = mine = new Holder();
        mine.LeaseUntil = now + Lease;
        mine.AskedAt = now;
        mine.Permits = claim.Open + claim.Unused;
        mine.Connections = claim.AtOnce is null ? 0 : Math.Max(claim.Open, claim.MayOpen);
        (mine.Wants, mine.WantsOpen) = (claim.Wants, claim.WantsOpen);
        (mine.Waiting, mine.Lines, mine.Urgency) = (claim.Waiting, claim.Lines, claim.Urgency);
        return mine;
    }

    private void Lapse(TimeSpan length, DateTimeOffset now)
    {
        foreach (var (replica, holder) in Holders.Where(h => h.Value.LeaseUntil <= now).ToList())
        {
            Holders.Remove(replica);
            Spend(holder.Permits, holder.LeaseUntil + length, length);
        }

        Spent.RemoveAll(s => s.LapsesAt <= now);
    }

    // Permits that lapse at almost the same time lapse together, at the later one: the list stays short.
    private void Spend(int calls, DateTimeOffset lapsesAt, TimeSpan length)
    {
        if (calls == 0)
            return;
        var at = Spent.FindIndex(s => s.LapsesAt >= lapsesAt);
        if (at >= 0 && Spent[at].LapsesAt - lapsesAt < length / 200)
            Spent[at] = Spent[at] with { Calls = Spent[at].Calls + calls };
        else
            Spent.Insert(at < 0 ? Spent.Count : at, new Spent(lapsesAt, calls));
    }

    // Enough for all: as wished. Else each subscription gets the same, where its callers wait. What is too little to divide goes to whoever is
    // owed most: what anybody gets is owed to all who wait, by their parts, and taken off what is owed to the one that got it.
    private static int Portion(int free, Holder mine, List<Holder> waiting)
    {
        if (free <= 0 || mine.Wants == 0)
            return 0;
        if (waiting.Sum(h => h.Wants) <= free)
            return mine.Wants;
        var wanting = waiting.Where(h => h.Wants > 0).ToList();
        var all = wanting.Sum(Weight);
        var portion = (int)(free * Weight(mine) / all);
        if (portion == 0 && wanting.All(h => h.Owed <= mine.Owed))
            portion = 1;
        portion = Math.Min(mine.Wants, portion);
        foreach (var holder in wanting)
            holder.Owed = Math.Clamp(holder.Owed + (portion * Weight(holder) / all) - (holder == mine ? portion : 0), -1, 1);
        return portion;
    }

    // One that only asks ahead counts little.
    private static double Weight(Holder holder) => Math.Max(0.01, holder.Lines);

    // What is free, up to what is wished for. While others lack some: what is left of a fair division.
    private int MayOpen(int atOnce, Holder mine, List<Holder> waiting)
    {
        var free = Math.Max(0, atOnce - Connections);
        var lacked = waiting.Where(h => h != mine).Sum(h => Math.Max(0, h.WantsOpen - h.Connections));
        if (Connections > atOnce || lacked > free)
        {
            var fair = Fair(atOnce, mine, waiting);
            return fair > mine.Connections ? Math.Min(fair, mine.Connections + free) : fair;
        }

        return mine.Connections + Math.Clamp(mine.WantsOpen - mine.Connections, 0, free);
    }

    // The modest get what they wish, the others the same of the rest; what does not divide goes to the most urgent.
    private static int Fair(int atOnce, Holder mine, List<Holder> waiting)
    {
        var open = waiting.Where(h => h.WantsOpen > 0).OrderBy(h => h.WantsOpen).ThenBy(h => h.Urgency).ToList();
        for (var (rest, i) = (atOnce, 0); i < open.Count; i++)
        {
            var even = Math.Min(open[i].WantsOpen, rest / (open.Count - i));
            if (open[i] == mine)
                return even;
            rest -= even;
        }

        return 0;
    }

    private TimeSpan AskAgainIn(Claim claim, int permits, int mayOpen, DateTimeOffset now)
    {
        var lacksPermits = permits < claim.Wants;
        var lacksConnections = claim.AtOnce is not null && mayOpen < claim.WantsOpen;
        if (!lacksPermits && !lacksConnections)
            return TimeSpan.Zero;
        if (ClosedUntil > now)
            return ClosedUntil - now;
        var alone = Holders.Count == 1;
        var again = lacksConnections && !alone ? OthersMayHangUp : alone ? Renewal : OthersMayGiveBack;
        var lapses = lacksPermits && Spent is [var first, ..] ? first.LapsesAt - now : again;
        return lapses < again ? lapses : again;
    }
}

/// <summary>Permits that lapse together.</summary>
public sealed record Spent(DateTimeOffset LapsesAt, int Calls);

/// <summary>What a replica holds of a limit and wishes for.</summary>
public sealed class Holder
{
    public DateTimeOffset LeaseUntil { get; set; }

    public DateTimeOffset AskedAt { get; set; }

    /// <summary>Permits of the window: of calls under way, and unused ones.</summary>
    public int Permits { get; set; }

    public int Connections { get; set; }

    public int Wants { get; set; }

    public int WantsOpen { get; set; }

    public Waiters Waiting { get; set; }

    /// <summary>One in a row that a version before wrote, which did not know it.</summary>
    public double Lines { get; set; } = 1;

    public double Urgency { get; set; }

    /// <summary>Permits, or a part of one, that others got of what falls to this replica; below zero when it got of theirs.</summary>
    public double Owed { get; set; }
}
