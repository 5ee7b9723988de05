namespace HubSpotBus.Auth.Egress;

/// <summary>Whether an attempt is made again, and after which pause; null pause: the growing one.</summary>
public readonly record struct Retry(bool Again, TimeSpan? Pause)
{
    public static readonly Retry No = new(false, null);
    public static readonly Retry Soon = new(true, null);

    public static Retry After(TimeSpan pause) => new(true, pause);
}

/// <summary>The one place that says what is tried again.</summary>
public static class RetryRules
{
    private static readonly TimeSpan _lock = TimeSpan.FromSeconds(2);

    /// <summary>How long a caller is kept for one retry; what asks for more is handed back with its Retry-After.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(20);

    public static Retry Judge(Attempt attempt, bool mayRepeat) => attempt switch
    {
        // Refused before anything was done: any call may be made again.
        { Status: 429 } => WithinReason(RateLimitRefusal.Read(attempt).Wait),
        { Status: 423 } => WithinReason(attempt.RetryAfter > _lock ? attempt.RetryAfter.Value : _lock),
        { Lost: Lost.NotSent } => Retry.Soon,

        // 477 is not for seconds: the connection is paused.
        { Status: 477 } => Retry.No,

        // HubSpot thought for 100 s; asked the same again it would think as long. The caller makes the batch smaller.
        { Lost: Lost.TimedOut } or { Status: 524 } => Retry.No,

        _ when MayBeDone(attempt) && mayRepeat => attempt.RetryAfter is { } asked ? WithinReason(asked) : Retry.Soon,
        _ => Retry.No,
    };

    /// <summary>True when HubSpot may have done what was asked, or do it yet.</summary>
    public static bool MayBeDone(Attempt attempt) => attempt is { Lost: Lost.Broken or Lost.TimedOut } or { Status: >= 500 };

    /// <summary>What the caller is told when no further attempt is made.</summary>
    public static EgressAnswer Conclude(Attempt attempt) => attempt switch
    {
        { Status: 429 } when RateLimitRefusal.Read(attempt) is { Daily: true } daily =>
            EgressAnswer.Throttled("The HubSpot account has used up its calls of the day; they start anew at its midnight.", daily.Wait),
        { Status: 429 } => EgressAnswer.Throttled("HubSpot's call limit is used up.", RateLimitRefusal.Read(attempt).Wait),
        { Status: 423 } => EgressAnswer.Throttled("HubSpot has locked the records for a moment.", _lock),
        { Lost: Lost.NotSent } => EgressAnswer.Throttled(attempt.Describe(), TimeSpan.FromSeconds(10)),
        _ when MayBeDone(attempt) => EgressAnswer.Unanswered(attempt),
        _ => EgressAnswer.Of(attempt),
    };

    private static Retry WithinReason(TimeSpan pause) => pause <= LongestPause ? Retry.After(pause) : Retry.No;
}
