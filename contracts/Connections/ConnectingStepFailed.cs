namespace HubSpotBus.Contracts.Connections;

/// <summary>Fact: a step of connecting could not be done.</summary>
public sealed record ConnectingStepFailed
{
    /// <summary>The subscription, and the connecting saga: there is one at a time.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the connect that this belongs to; answers to earlier ones are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>Name of the step that failed.</summary>
    public required string Step { get; init; }

    /// <summary>What is wrong and what to do about it.</summary>
    public required string Reason { get; init; }

    /// <summary>True when trying again may help without anybody doing anything.</summary>
    public required bool Transient { get; init; }
}
