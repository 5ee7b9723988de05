using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Mappings;

/// <summary>Fact: the transactions of a batch and all that they refer to are translated.</summary>
public sealed record TransactionsMapped
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>How the subscription writes.</summary>
    public required TransferSettings Settings { get; init; }

    /// <summary>Transactions that can be written.</summary>
    public required IReadOnlyList<MappedTransaction> Transactions { get; init; }

    /// <summary>Companies that can be written.</summary>
    public required IReadOnlyList<MappedCompany> Companies { get; init; }

    /// <summary>Customers that can be written.</summary>
    public required IReadOnlyList<MappedCustomer> Customers { get; init; }

    /// <summary>Products and variants that can be written; a parent stands before its variants.</summary>
    public required IReadOnlyList<MappedProduct> Products { get; init; }

    /// <summary>Records that cannot, with all their problems.</summary>
    public required IReadOnlyList<RejectedRecord> Rejected { get; init; }
}
