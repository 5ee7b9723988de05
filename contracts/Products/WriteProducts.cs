using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Products;

/// <summary>Order of ProductPrerequisite to itself: write the translated products of a batch execution.</summary>
public sealed record WriteProducts
{
    /// <summary>The batch execution.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>How records are tied to HubSpot's.</summary>
    public required LinkRules Links { get; init; }

    /// <summary>True for bulk work that gives way to live changes.</summary>
    public required bool Backfill { get; init; }

    /// <summary>Products and variants to write; a parent stands before its variants.</summary>
    public required IReadOnlyList<MappedProduct> Products { get; init; }

    /// <summary>Records that cannot be translated, with all their problems.</summary>
    public required IReadOnlyList<RejectedRecord> Rejected { get; init; }

    /// <summary>
    /// No call to HubSpot is begun for it after this: the hub gives the batch execution up, and its records may go with another. Empty in what
    /// an earlier version sent.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }
}
