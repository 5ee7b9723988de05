namespace HubSpotBus.Auth.Egress;

/// <summary>The call waited as long as it may and found no room within the limits.</summary>
public sealed class CallThrottledException(TimeSpan retryAfter)
    : Exception($"No room within the call limits; try again in {retryAfter.TotalSeconds:0} s, or raise the API Throttle Limit.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
