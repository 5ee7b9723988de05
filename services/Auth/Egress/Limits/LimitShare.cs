namespace HubSpotBus.Auth.Egress.Limits;

/// <summary>
/// What this replica holds of a limit that all replicas share: permits in hand, handed out without asking anybody. More are asked for a
/// little ahead; what rests is given back. Not safe for threads; <see cref="Throttle"/> guards it. Moments are elapsed times of a
/// monotonic clock.
/// </summary>
public sealed class LimitShare(string key, int calls, TimeSpan length)
{
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _renewal = TimeSpan.FromSeconds(10);

    private int _unused;
    private int _mayOpen;
    private int _answered;
    private TimeSpan _lastAnswered;
    private TimeSpan _lastUsed;
    private TimeSpan _leaseUntil;
    private TimeSpan _closedUntil;
    private TimeSpan _heardAt;
    private TimeSpan _askAgainAt;
    private bool _tellClosed;
    private int? _remaining;
    private TimeSpan _remainingAt;
    private int _usedByAll;
    private bool _wished;

    public string Key { get; } = key;

    /// <summary>Calls within any stretch of <see cref="Length"/>, over all replicas.</summary>
    public int Calls { get; private set; } = calls;

    public TimeSpan Length { get; private set; } = length;

    /// <summary>Calls at one moment, over all replicas; null where that is not limited.</summary>
    public int? AtOnce { get; private set; }

    /// <summary>Calls of this replica that are under way.</summary>
    public int Open { get; private set; }

    /// <summary>What those who wait on this replica wish for.</summary>
    public Wishes Wishes { get; set; }

    /// <summary>Those who wait on the other replicas, as they told last.</summary>
    public Waiters Elsewhere { get; private set; }

    /// <summary>Nothing is held and nothing is to be told.</summary>
    public bool IsIdle => this is { Open: 0, _unused: 0, _mayOpen: 0, _answered: 0, _wished: false };

    public bool HasRoom(TimeSpan now) =>
        _unused > 0 && now < _leaseUntil && now >= _closedUntil && (AtOnce is null || Open < _mayOpen);

    /// <summary>What the waiting calls wish for elsewhere: no more than can go before this limit has room again.</summary>
    public Wishes Within(int calls, TimeSpan now)
    {
        var most = now < _askAgainAt || now < _closedUntil ? _unused : AtOnce ?? calls;
        return Math.Min(calls, most) is > 0 and var can ? Wishes with { Calls = can } : default;
    }

    public void Set(int calls, TimeSpan length, int? atOnce)
    {
        if ((Calls, Length, AtOnce) == (calls, length, atOnce))
            return;

        // What is in hand was given under the old limit.
        (_unused, _askAgainAt) = (0, TimeSpan.Zero);
        (Calls, Length, AtOnce) = (calls, length, atOnce);
    }

    public void Take(TimeSpan now)
    {
        _unused--;
        Open++;
        _lastUsed = now;
    }

    public void Answered(TimeSpan now)
    {
        Open--;
        _answered++;
        _lastAnswered = now;
        _lastUsed = now;
    }

    /// <summary>What was taken is in hand again, as if nobody had taken it.</summary>
    public void GiveBack()
    {
        _unused++;
        Open--;
    }

    /// <summary>HubSpot said how long it wants to be left alone.</summary>
    public void CloseFor(TimeSpan time, TimeSpan now)
    {
        _closedUntil = Later(_closedUntil, now + time);
        _tellClosed = true;
    }

    /// <summary>How long HubSpot wants to be left alone yet; not above zero when it does not.</summary>
    public TimeSpan ClosedFor(TimeSpan now) => _closedUntil - now;

    /// <summary>HubSpot says how much of its window is left; it is believed where that is less than ours (somebody else may use the allowance).</summary>
    public void Correct(int remaining, TimeSpan now) => (_remaining, _remainingAt) = (remaining, now);

    /// <summary>Whether all replicas are to hear from this one now.</summary>
    public bool IsDue(TimeSpan now)
    {
        var lacks = Wishes.Calls > _unused || (AtOnce is not null && Wishes.Open > _mayOpen);
        var ahead = now - _lastUsed < _rest && _unused * 2 < Ahead;
        var rests = Wishes.Calls == 0 && now - _lastUsed >= _rest && (_unused > 0 || _mayOpen > Open);
        var expires = (Open > 0 || _unused > 0 || _mayOpen > 0) && now >= _leaseUntil - _renewal;
        var toTell = _answered > 0 && now - _heardAt >= (lacks && Length < 20 * _rest ? Length / 20 : _rest);
        var waits = Wishes.Calls > 0 && now - _heardAt >= _rest;
        return _tellClosed || _remaining < Calls - _usedByAll || expires || rests || toTell || waits
            || ((lacks || ahead) && now >= _askAgainAt) || (_wished && Wishes.Calls == 0);
    }

    /// <summary>What to tell and ask. What is given back by it is not used any more from here on.</summary>
    public Claim Claim(TimeSpan now)
    {
        var used = now - _lastUsed < _rest;
        if (now >= _leaseUntil || (Wishes.Calls == 0 && !used))
            (_unused, _mayOpen) = (0, Open);
        else if (!used)
            _unused = Math.Min(_unused, Wishes.Calls);
        return new Claim
        {
            Key = Key,
            Calls = Calls,
            Length = Length,
            AtOnce = AtOnce,
            Open = Open,
            Unused = _unused,
            Answered = _answered,
            AnsweredAgo = now - _lastAnswered,
            Wants = Math.Max(0, Math.Max(Wishes.Calls, used || Wishes.Calls > 0 ? Ahead : 0) - _unused),
            MayOpen = _mayOpen,
            WantsOpen = AtOnce is null ? 0 : Wishes.Open,
            Waiting = Wishes.Waiting,
            Lines = Wishes.Lines,
            Urgency = Wishes.Urgency,
            Closed = _tellClosed ? _closedUntil - now : null,
            Remaining = now - _remainingAt < _rest ? _remaining : null,
        };
    }

    /// <summary>The answer to a claim made at that moment.</summary>
    public void Allot(Claim claim, Allotment allotment, TimeSpan claimedAt, TimeSpan now)
    {
        // Unless it was set anew meanwhile, what it was divided by is the newest that is known.
        var asSet = (claim.Calls, claim.Length, claim.AtOnce) == (Calls, Length, AtOnce);
        if (asSet)
            Set(allotment.By.Calls, allotment.By.Length, allotment.By.AtOnce);
        _unused += asSet ? allotment.Permits : 0;
        _mayOpen = allotment.MayOpen;
        _answered -= claim.Answered;
        _leaseUntil = claimedAt + SharedLimit.Lease;
        _heardAt = claimedAt;
        _askAgainAt = asSet ? claimedAt + allotment.AskAgainIn : TimeSpan.Zero;
        _wished = claim.Waiting != default;
        Elsewhere = allotment.Elsewhere;
        _usedByAll = allotment.Used;
        if (claim.Closed is { } closed && claimedAt + closed >= _closedUntil)
            _tellClosed = false;
        _closedUntil = Later(_closedUntil, now + allotment.ClosedFor);
        _remaining = _remainingAt <= claimedAt ? null : _remaining;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // A sixtieth of the window: what a replica that dies takes with it is hardly missed.
    private int Ahead => Calls / 60;
}

/// <summary>What those who wait wish for.</summary>
/// <param name="Calls">Permits that would be used at once.</param>
/// <param name="Open">Calls under way if all who wait could go.</param>
/// <param name="Waiting">Who they are, by lane.</param>
/// <param name="Lines">Their subscriptions: of each the part that waits on this replica.</param>
/// <param name="Urgency">The greatest of their waits in seconds times the lane's share.</param>
public readonly record struct Wishes(int Calls, int Open, Waiters Waiting, double Lines, double Urgency)
{
    public static Wishes operator +(Wishes one, Wishes other) =>
        new(one.Calls + other.Calls, one.Open + other.Open, one.Waiting + other.Waiting, one.Lines + other.Lines, Math.Max(one.Urgency, other.Urgency));
}
