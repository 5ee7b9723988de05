namespace HubSpotBus.Contracts.Transactions;

/// <summary>Fact: the line items are as the hub has them, or refused.</summary>
public sealed record LinesWritten
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt at this step; an answer repeats it, and answers to earlier attempts are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>True when HubSpot no longer has something that was to be referred to or changed: the batch is done again, once.</summary>
    public bool DeadReferences { get; init; }
}
