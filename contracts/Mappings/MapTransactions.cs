using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Mappings;

/// <summary>Order to Mapping: translate transactions and all that they refer to.</summary>
public sealed record MapTransactions
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>How the subscription writes.</summary>
    public required TransferSettings Settings { get; init; }

    /// <summary>Transactions with their lines.</summary>
    public required IReadOnlyList<Snapshot<TransactionRecord>> Transactions { get; init; }

    /// <summary>Companies.</summary>
    public IReadOnlyList<Snapshot<CompanyRecord>> Companies { get; init; } = [];

    /// <summary>Customers.</summary>
    public IReadOnlyList<Snapshot<CustomerRecord>> Customers { get; init; } = [];

    /// <summary>Products with their variants.</summary>
    public IReadOnlyList<Snapshot<ProductRecord>> Products { get; init; } = [];
}
