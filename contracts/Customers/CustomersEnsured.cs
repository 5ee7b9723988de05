using HubSpotBus.Contracts.Mappings;

namespace HubSpotBus.Contracts.Customers;

/// <summary>Fact: HubSpot has the companies and contacts, save the rejected ones.</summary>
public sealed record CustomersEnsured
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt at this step; an answer repeats it, and answers to earlier attempts are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>HubSpot id of each company by hub id.</summary>
    public required IReadOnlyDictionary<string, string> Companies { get; init; }

    /// <summary>HubSpot id of each contact by hub id.</summary>
    public required IReadOnlyDictionary<string, string> Customers { get; init; }

    /// <summary>Those that HubSpot refused.</summary>
    public required IReadOnlyList<RejectedRecord> Rejected { get; init; }
}
