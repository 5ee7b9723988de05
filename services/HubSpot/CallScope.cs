using HubSpotBus.HubSpot.Errors;

namespace HubSpotBus.HubSpot;

/// <summary>How urgent a call is when there are more calls than the limits allow.</summary>
public enum Lane
{
    /// <summary>A change that somebody waits for.</summary>
    Live,

    /// <summary>Another attempt at what failed.</summary>
    Retry,

    /// <summary>Bulk work.</summary>
    Backfill,
}

/// <summary>What the HubSpot calls of the current flow keep to until this is disposed: their lane, and the time after which none begins.</summary>
public sealed class CallScope : IDisposable
{
    private static readonly AsyncLocal<CallScope?> Current = new();

    private readonly CallScope? _before = Current.Value;
    private readonly Lane _lane;
    private readonly DateTimeOffset? _notAfter;
    private readonly TimeProvider _time;

    private CallScope(Lane lane, DateTimeOffset? notAfter, TimeProvider time)
    {
        (_lane, _notAfter, _time) = (lane, notAfter, time);
        Check();
        Current.Value = this;
    }

    /// <summary>The lane in force.</summary>
    internal static Lane LaneInForce => Current.Value?._lane ?? Lane.Live;

    /// <summary>Bulk work without a batch execution's deadline.</summary>
    public static CallScope Backfill() => new(Lane.Backfill, null, TimeProvider.System);

    /// <summary>A step of a batch execution, which begins no call after the batch's deadline.</summary>
    /// <exception cref="HubSpotThrottledException">It is after the deadline already.</exception>
    public static CallScope OfStep(int attempt, bool backfill, DateTimeOffset? notAfter, TimeProvider time) =>
        new(attempt > 1 ? Lane.Retry : backfill ? Lane.Backfill : Lane.Live, notAfter, time);

    /// <summary>Before each call: after the deadline others may carry the batch's records.</summary>
    internal static void ThrowIfTooLate() => Current.Value?.Check();

    /// <summary>Puts back what was in force before.</summary>
    public void Dispose() => Current.Value = _before;

    private void Check()
    {
        if (_time.GetUtcNow() > _notAfter)
            throw new HubSpotThrottledException("The batch execution was not done within its deadline; what was unfinished is tried again later.");
    }
}
