using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Mappings;

/// <summary>Fact: the companies and customers of a batch are translated.</summary>
public sealed record CustomersMapped
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>How the subscription writes.</summary>
    public required TransferSettings Settings { get; init; }

    /// <summary>True for bulk work that gives way to live changes.</summary>
    public required bool Backfill { get; init; }

    /// <summary>Companies that can be written.</summary>
    public required IReadOnlyList<MappedCompany> Companies { get; init; }

    /// <summary>Customers that can be written.</summary>
    public required IReadOnlyList<MappedCustomer> Customers { get; init; }

    /// <summary>Records that cannot, with all their problems.</summary>
    public required IReadOnlyList<RejectedRecord> Rejected { get; init; }

    /// <summary>
    /// No call to HubSpot is begun for it after this: the hub gives the batch execution up, and its records may go with another. Empty in what
    /// an earlier version sent.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }
}
