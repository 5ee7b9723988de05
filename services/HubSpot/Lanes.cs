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

/// <summary>The lane of the calls that the current flow makes.</summary>
public static class Lanes
{
    private static readonly AsyncLocal<Lane> Flow = new();

    /// <summary>The lane in force.</summary>
    public static Lane Current => Flow.Value;

    /// <summary>Puts the calls of this flow into a lane until disposed.</summary>
    public static IDisposable Use(Lane lane)
    {
        var before = Flow.Value;
        Flow.Value = lane;
        return new Restore(before);
    }

    private sealed class Restore(Lane before) : IDisposable
    {
        public void Dispose() => Flow.Value = before;
    }
}
