namespace HubSpotBus.Contracts.Transactions;

/// <summary>Order of the saga: create the batch's new orders or deals.</summary>
public sealed record WriteTransactions
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt at this step; an answer repeats it, and answers to earlier attempts are ignored.</summary>
    public required int Attempt { get; init; }
}
