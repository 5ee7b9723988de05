namespace HubSpotBus.Auth.Egress;

/// <summary>Calls of one subscription since the process started.</summary>
public sealed class CallCounts
{
    private long _calls;
    private long _refusedByHubSpot;
    private long _throttled;
    private long _retries;

    public long Calls => Interlocked.Read(ref _calls);

    public long RefusedByHubSpot => Interlocked.Read(ref _refusedByHubSpot);

    public long Throttled => Interlocked.Read(ref _throttled);

    public long Retries => Interlocked.Read(ref _retries);

    public void Called() => Interlocked.Increment(ref _calls);

    public void RefusedFor429() => Interlocked.Increment(ref _refusedByHubSpot);

    public void GaveUpWaiting() => Interlocked.Increment(ref _throttled);

    public void Retried() => Interlocked.Increment(ref _retries);
}
