namespace HubSpotBus.Auth.Egress;

/// <summary>What the throttle of a subscription shows at the moment.</summary>
public sealed record ThrottleReading
{
    public required int Limit { get; init; }

    public required int Seconds { get; init; }

    public required int Open { get; init; }

    public required int MostAtOnce { get; init; }

    public required int Waiting { get; init; }

    public required double OldestWaitingSeconds { get; init; }
}
