using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Contracts.Products;

/// <summary>Order to ProductPrerequisite: make sure HubSpot has a product for each SKU, and say their ids.</summary>
public sealed record EnsureProducts
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt at this step; an answer repeats it, and answers to earlier attempts are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>How records are tied to HubSpot's.</summary>
    public required LinkRules Links { get; init; }

    /// <summary>SKUs that the lines of the batch sell.</summary>
    public required IReadOnlyList<string> Skus { get; init; }

    /// <summary>Products, variants and parents behind the SKUs, as far as the hub has them.</summary>
    public required IReadOnlyList<MappedProduct> Products { get; init; }

    /// <summary>False when products are no prerequisite: only look up what HubSpot has.</summary>
    public required bool CreateMissing { get; init; }

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
