namespace HubSpotBus.Auth.Egress;

/// <summary>
/// At most <see cref="Limit"/> calls in any stretch of <see cref="Length"/>. A call counts from its permit until the length has passed
/// since its <em>answer</em>: HubSpot counts it somewhere in between, so the limit holds on HubSpot's side too.
/// Not safe for threads; <see cref="Throttle"/> guards it. Moments are elapsed times of a monotonic clock.
/// </summary>
public sealed class SlidingWindow(int limit, TimeSpan length)
{
    private readonly Queue<TimeSpan> _answered = new();
    private int _open;
    private TimeSpan _closedUntil;

    public int Limit { get; set; } = limit;

    public TimeSpan Length { get; set; } = length;

    public int Used(TimeSpan now)
    {
        while (_answered.TryPeek(out var answered) && answered + Length <= now)
        {
            _answered.Dequeue();
        }

        return _open + _answered.Count;
    }

    public bool HasRoom(TimeSpan now) => Used(now) < Limit && now >= _closedUntil;

    public void Take() => _open++;

    public void Answered(TimeSpan now)
    {
        _open--;
        _answered.Enqueue(now);
    }

    /// <summary>HubSpot said how long it wants to be left alone.</summary>
    public void CloseUntil(TimeSpan until) => _closedUntil = until > _closedUntil ? until : _closedUntil;

    /// <summary>HubSpot counts more calls than we do (somebody else uses the app's allowance): believe HubSpot.</summary>
    public void Correct(int remaining, TimeSpan now)
    {
        for (var unseen = Limit - Used(now) - remaining; unseen > 0; unseen--)
        {
            _answered.Enqueue(now);
        }
    }

    /// <summary>When there is room next; null when only an answer makes room.</summary>
    public TimeSpan? NextRoom(TimeSpan now)
    {
        var surplus = Used(now) - Limit;
        if (surplus < 0)
        {
            return now > _closedUntil ? now : _closedUntil;
        }

        if (surplus >= _answered.Count)
        {
            return null;
        }

        var lapses = _answered.ElementAt(surplus) + Length;
        return lapses > _closedUntil ? lapses : _closedUntil;
    }
}
