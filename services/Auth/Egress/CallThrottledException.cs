namespace HubSpotBus.Auth.Egress;

/// <summary>The call waited as long as it may and found no room within the limits, or would have to wait longer than that.</summary>
public sealed class CallThrottledException(string reason, TimeSpan retryAfter) : Exception(reason)
{
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMinutes(10);

    public CallThrottledException(TimeSpan retryAfter)
        : this($"No room within the call limits; try again in {retryAfter.TotalSeconds:0} s, or raise the API Throttle Limit.", retryAfter)
    {
    }

    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>HubSpot takes no calls for longer than anybody waits, as when those of the day are used up.</summary>
    public static CallThrottledException Closed(TimeSpan time) => new(
        $"HubSpot takes no more calls of the account for {Math.Ceiling(time.TotalMinutes):0} minutes; it goes on by itself.", time < _lookAgain ? time : _lookAgain);
}
