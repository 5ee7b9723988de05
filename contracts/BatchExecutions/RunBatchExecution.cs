namespace HubSpotBus.Contracts.BatchExecutions;

/// <summary>Order of the hub to itself, on the subscription's own queue: run this batch execution.</summary>
public sealed record RunBatchExecution
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }
}
