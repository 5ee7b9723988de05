namespace HubSpotBus.Auth.Egress;

/// <summary>
/// The line of one subscription: who waits, in which lane, and which windows a call has to find room in.
/// Not safe for threads; <see cref="Throttle"/> guards it.
/// </summary>
public sealed class CallLine
{
    private static readonly Lane[] _shared = [Lane.Live, Lane.Retry, Lane.Backfill];
    private readonly Dictionary<Lane, LinkedList<WaitingCall>> _lanes = new()
    {
        [Lane.Token] = new(), [Lane.Live] = new(), [Lane.Retry] = new(), [Lane.Backfill] = new(),
    };

    private readonly Dictionary<Lane, int> _credit = new() { [Lane.Live] = 0, [Lane.Retry] = 0, [Lane.Backfill] = 0 };

    /// <summary>The subscription's own window: API Throttle Limit and Seconds.</summary>
    public SlidingWindow Own { get; } = new(1, TimeSpan.FromSeconds(1));

    /// <summary>HubSpot's window for the app and account; lines on one account share it.</summary>
    public SlidingWindow Account { get; set; } = new(int.MaxValue, TimeSpan.FromSeconds(10));

    /// <summary>HubSpot's window for searches in the account.</summary>
    public SlidingWindow Search { get; set; } = new(int.MaxValue, TimeSpan.FromSeconds(1));

    public int MostAtOnce { get; set; } = 1;

    public int Open { get; set; }

    public int Waiting => _lanes.Values.Sum(lane => lane.Count);

    public TimeSpan? OldestSince => _lanes.Values.Where(lane => lane.First is not null).Min(lane => (TimeSpan?)lane.First!.Value.Since);

    public SlidingWindow[] WindowsOf(bool search) => search ? [Own, Account, Search] : [Own, Account];

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

    /// <summary>Takes the next call that may go now out of the line, and its room in the windows.</summary>
    public WaitingCall? Next(TimeSpan now)
    {
        if (Open >= MostAtOnce || !Own.HasRoom(now) || !Account.HasRoom(now))
        {
            return null;
        }

        var searchable = Search.HasRoom(now);
        var next = FirstOf(Lane.Token, searchable) ?? FirstByShare(searchable);
        if (next is null)
        {
            return null;
        }

        Remove(next);
        Open++;
        next.Windows = WindowsOf(next.Search);
        Array.ForEach(next.Windows, window => window.Take());
        return next;
    }

    /// <summary>When the next call may go if nothing is answered meanwhile; null when only an answer helps.</summary>
    public TimeSpan? NextRoom(TimeSpan now)
    {
        if (Open >= MostAtOnce || Own.NextRoom(now) is not { } own || Account.NextRoom(now) is not { } account)
        {
            return null;
        }

        var both = own > account ? own : account;
        var onlySearches = _lanes.Values.All(lane => lane.All(call => call.Search));
        return onlySearches ? Search.NextRoom(now) is { } search ? search > both ? search : both : null : both;
    }

    // Smooth weighted round robin: of the lanes with callers waiting, each gets its part of the shares, evenly spread.
    private WaitingCall? FirstByShare(bool searchable)
    {
        WaitingCall? chosen = null;
        var total = 0;
        foreach (var lane in _shared)
        {
            if (FirstOf(lane, searchable) is not { } first)
            {
                _credit[lane] = 0;
                continue;
            }

            total += (int)lane;
            _credit[lane] += (int)lane;
            chosen = chosen is null || _credit[lane] > _credit[chosen.Lane] ? first : chosen;
        }

        if (chosen is not null)
        {
            _credit[chosen.Lane] -= total;
        }

        return chosen;
    }

    // A search that waits for the search window does not hold up the calls behind it.
    private WaitingCall? FirstOf(Lane lane, bool searchable) =>
        searchable ? _lanes[lane].First?.Value : _lanes[lane].FirstOrDefault(call => !call.Search);
}
