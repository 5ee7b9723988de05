using HubSpotBus.Auth.Egress.Limits;

namespace HubSpotBus.Auth.Egress;

/// <summary>
/// The line of one subscription: who waits, in which lane, and which limits a call has to find room in.
/// Not safe for threads; <see cref="Throttle"/> guards it.
/// </summary>
public sealed class CallLine(LimitShare own, LimitShare account, LimitShare search)
{
    private static readonly Lane[] _shared = [Lane.Live, Lane.Retry, Lane.Backfill];
    private readonly Dictionary<Lane, LinkedList<WaitingCall>> _lanes = new()
    {
        [Lane.Token] = new(), [Lane.Live] = new(), [Lane.Retry] = new(), [Lane.Backfill] = new(),
    };

    private readonly Dictionary<Lane, double> _credit = new() { [Lane.Live] = 0, [Lane.Retry] = 0, [Lane.Backfill] = 0 };
    private double _turn;

    /// <summary>The subscription's own limits: API Throttle Limit and Seconds, Concurrent Connections.</summary>
    public LimitShare Own { get; } = own;

    /// <summary>HubSpot's limit for the app and account; lines on one account share it.</summary>
    public LimitShare Account { get; set; } = account;

    /// <summary>HubSpot's limit of searches in the account.</summary>
    public LimitShare Search { get; set; } = search;

    public IEnumerable<LimitShare> Limits => [Own, Account, Search];

    public int Open => Own.Open;

    public int Waiting => _lanes.Values.Sum(lane => lane.Count);

    public TimeSpan? OldestSince => _lanes.Values.Where(lane => lane.First is not null).Min(lane => (TimeSpan?)lane.First!.Value.Since);

    /// <summary>The part of the subscription that waits here: its lanes' shares, each divided over the replicas where the lane's callers wait.</summary>
    public double Part
    {
        get
        {
            var (here, all) = (0.0, 0.0);
            foreach (var (lane, calls) in _lanes)
            {
                var elsewhere = Own.Elsewhere.In(lane);
                here += Waiters.Share(lane, calls.Count, elsewhere);
                all += calls.Count + elsewhere > 0 ? Weight(lane) : 0;
            }

            return all > 0 ? here / all : 0;
        }
    }

    public void Add(WaitingCall call) => call.Place = _lanes[call.Lane].AddLast(call);

    public bool Remove(WaitingCall call)
    {
        if (call.Place?.List is not { } lane)
        {
            return false;
        }

        lane.Remove(call.Place);
        return true;
    }

    /// <summary>Whether there is a call that has room in all its limits.</summary>
    public bool CanGo(TimeSpan now) =>
        Own.HasRoom(now) && Account.HasRoom(now) && _lanes.Keys.Any(lane => FirstOf(lane, Search.HasRoom(now)) is not null);

    /// <summary>
    /// Takes the next call, of those that can go now, out of the line, and its permits. Null when it is another line's turn: the smaller the
    /// part that waits here, the more often.
    /// </summary>
    public WaitingCall? Next(TimeSpan now)
    {
        _turn += Math.Max(0.05, Part);
        if (_turn < 1)
        {
            return null;
        }

        _turn--;
        var searchable = Search.HasRoom(now);
        var next = FirstOf(Lane.Token, searchable) ?? FirstByShare(searchable);
        Remove(next);
        next.Limits = next.Search ? [Own, Account, Search] : [Own, Account];
        Array.ForEach(next.Limits, limit => limit.Take(now));
        return next;
    }

    /// <summary>Adds what those who wait here wish for to the wishes of the limits.</summary>
    public void Wish(TimeSpan now)
    {
        if (Waiting == 0)
        {
            Own.Wishes = new Wishes(0, Open, default, 0, 0);
            return;
        }

        var waiting = new Waiters(_lanes[Lane.Token].Count, _lanes[Lane.Live].Count, _lanes[Lane.Retry].Count, _lanes[Lane.Backfill].Count);
        var urgency = _lanes.Where(lane => lane.Value.Count > 0)
            .Max(lane => (now - lane.Value.First!.Value.Since).TotalSeconds * Weight(lane.Key));
        var atOnce = Own.AtOnce ?? int.MaxValue;
        Own.Wishes = new Wishes(Math.Min(Waiting, atOnce), Math.Min(Open + Waiting, atOnce), waiting, Part, urgency);
        Account.Wishes += Own.Within(Waiting, now);
        Search.Wishes += Own.Within(_lanes.Values.Sum(lane => lane.Count(call => call.Search)), now);
    }

    /// <summary>The lane's share. Token calls are few, and nothing goes without them.</summary>
    public static int Weight(Lane lane) => lane == Lane.Token ? 100 : (int)lane;

    // Smooth weighted round robin: of the lanes with callers waiting, each gets its part of the shares, evenly spread. A lane whose callers
    // mostly wait on other replicas gets most of its share there.
    private WaitingCall FirstByShare(bool searchable)
    {
        WaitingCall? chosen = null;
        var total = 0.0;
        foreach (var lane in _shared)
        {
            if (FirstOf(lane, searchable) is not { } first)
            {
                _credit[lane] = 0;
                continue;
            }

            var share = Waiters.Share(lane, _lanes[lane].Count, Own.Elsewhere.In(lane));
            total += share;
            _credit[lane] += share;
            chosen = chosen is null || _credit[lane] > _credit[chosen.Lane] ? first : chosen;
        }

        _credit[chosen!.Lane] -= total;
        return chosen;
    }

    // A search that waits for the search window does not hold up the calls behind it.
    private WaitingCall? FirstOf(Lane lane, bool searchable) =>
        searchable ? _lanes[lane].First?.Value : _lanes[lane].FirstOrDefault(call => !call.Search);
}
