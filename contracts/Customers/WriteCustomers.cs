using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Customers;

/// <summary>Order of Customer to itself: write the translated companies and contacts of a batch execution.</summary>
public sealed record WriteCustomers
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

    /// <summary>Companies to write.</summary>
    public required IReadOnlyList<MappedCompany> Companies { get; init; }

    /// <summary>Customers to write.</summary>
    public required IReadOnlyList<MappedCustomer> Customers { get; init; }

    /// <summary>Records that cannot be translated, with all their problems.</summary>
    public required IReadOnlyList<RejectedRecord> Rejected { get; init; }

    /// <summary>
    /// No call to HubSpot is begun for it after this: the hub gives the batch execution up, and its records may go with another. Empty in what
    /// an earlier version sent.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }
}
