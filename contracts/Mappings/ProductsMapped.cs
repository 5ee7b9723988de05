using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Mappings;

/// <summary>Fact: the products of a batch are translated.</summary>
public sealed record ProductsMapped
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>How the subscription writes.</summary>
    public required TransferSettings Settings { get; init; }

    /// <summary>True for bulk work that gives way to live changes.</summary>
    public required bool Backfill { get; init; }

    /// <summary>Products and variants that can be written; a parent stands before its variants.</summary>
    public required IReadOnlyList<MappedProduct> Products { get; init; }

    /// <summary>Records that cannot, with all their problems.</summary>
    public required IReadOnlyList<RejectedRecord> Rejected { get; init; }

    /// <summary>
    /// No call to HubSpot is begun for it after this: the hub gives the batch execution up, and its records may go with another. Empty in what
    /// an earlier version sent.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }
}
