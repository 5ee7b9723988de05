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

/// <summary>The lane of the calls that the current flow makes, and until when it may begin one.</summary>
public static class Lanes
{
    private static readonly AsyncLocal<Way?> Flow = new();

    /// <summary>The lane in force.</summary>
    public static Lane Current => Flow.Value?.Lane ?? Lane.Live;

    /// <summary>Puts the calls of this flow into a lane until disposed.</summary>
    public static IDisposable Use(Lane lane) => Use(lane, null, TimeProvider.System);

    /// <summary>The same for a step of a batch execution, which begins no call after the batch's deadline.</summary>
    /// <exception cref="HubSpotThrottledException">It is after the deadline already.</exception>
    public static IDisposable Use(Lane lane, DateTimeOffset? notAfter, TimeProvider time)
    {
        var way = new Way(lane, notAfter, time);
        way.ThrowIfTooLate();
        var before = Flow.Value;
        Flow.Value = way;
        return new Restore(before);
    }

    /// <summary>Before each call: others may carry the batch's records by now.</summary>
    internal static void ThrowIfTooLate() => Flow.Value?.ThrowIfTooLate();

    private sealed record Way(Lane Lane, DateTimeOffset? NotAfter, TimeProvider Time)
    {
        public void ThrowIfTooLate()
        {
            if (Time.GetUtcNow() > NotAfter)
                throw new HubSpotThrottledException("The batch execution was not done within its deadline; what was unfinished is tried again later.");
        }
    }

    private sealed class Restore(Way? before) : IDisposable
    {
        public void Dispose() => Flow.Value = before;
    }
}
