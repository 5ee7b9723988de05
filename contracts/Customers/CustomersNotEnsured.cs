namespace HubSpotBus.Contracts.Customers;

/// <summary>Fact: HubSpot could not be reached for the customers; the step may be tried again.</summary>
public sealed record CustomersNotEnsured
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt at this step; an answer repeats it, and answers to earlier attempts are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>What went wrong.</summary>
    public required string Reason { get; init; }

    /// <summary>How long to wait before the next attempt, where HubSpot or the egress said so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
