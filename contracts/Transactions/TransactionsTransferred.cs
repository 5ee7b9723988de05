using HubSpotBus.Contracts.BatchExecutions;

namespace HubSpotBus.Contracts.Transactions;

/// <summary>Fact: the transactions of a batch execution are done.</summary>
public sealed record TransactionsTransferred
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>One outcome for each record of the batch.</summary>
    public required IReadOnlyList<TransferOutcome> Outcomes { get; init; }
}
