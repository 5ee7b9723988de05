namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact of Auth: connecting ended without success; records do not flow.</summary>
public sealed record ConnectingFailed
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>What is wrong and what to do about it.</summary>
    public required string Reason { get; init; }
}
