using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Customers;

/// <summary>Order to Customer: make sure HubSpot has these companies and contacts, and say their ids.</summary>
public sealed record EnsureCustomers
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt at this step; an answer repeats it, and answers to earlier attempts are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>How records are tied to HubSpot's.</summary>
    public required LinkRules Links { get; init; }

    /// <summary>Companies that have to be there.</summary>
    public required IReadOnlyList<MappedCompany> Companies { get; init; }

    /// <summary>Customers that have to be there.</summary>
    public required IReadOnlyList<MappedCustomer> Customers { get; init; }

    /// <summary>True when HubSpot refused something that refers to these records: whether they are still there is looked up first.</summary>
    public bool Verify { get; init; }

    /// <summary>True for bulk work that gives way to live changes.</summary>
    public required bool Backfill { get; init; }

    /// <summary>
    /// No call to HubSpot is begun for it after this: the hub gives the batch execution up, and its records may go with another. Empty in what
    /// an earlier version sent.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }
}
