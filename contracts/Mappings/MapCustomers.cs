using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Mappings;

/// <summary>Order to Mapping: translate companies and customers.</summary>
public sealed record MapCustomers
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>How the subscription writes.</summary>
    public required TransferSettings Settings { get; init; }

    /// <summary>True for bulk work that gives way to live changes.</summary>
    public required bool Backfill { get; init; }

    /// <summary>Companies.</summary>
    public IReadOnlyList<Snapshot<CompanyRecord>> Companies { get; init; } = [];

    /// <summary>Customers.</summary>
    public IReadOnlyList<Snapshot<CustomerRecord>> Customers { get; init; } = [];

    /// <summary>
    /// No call to HubSpot is begun for it after this: the hub gives the batch execution up, and its records may go with another. Empty in what
    /// an earlier version sent.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }
}
