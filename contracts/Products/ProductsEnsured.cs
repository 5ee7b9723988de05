namespace HubSpotBus.Contracts.Products;

/// <summary>Fact: HubSpot has a product for each SKU, save the missing ones.</summary>
public sealed record ProductsEnsured
{
    /// <summary>The batch execution, and the saga that carries it.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>The subscription.</summary>
    public required Guid SubscriptionId { get; init; }

    /// <summary>Number of the attempt at this step; an answer repeats it, and answers to earlier attempts are ignored.</summary>
    public required int Attempt { get; init; }

    /// <summary>HubSpot id of each product by SKU.</summary>
    public required IReadOnlyDictionary<string, string> Products { get; init; }

    /// <summary>SKUs without a product in HubSpot, and why.</summary>
    public required IReadOnlyList<MissingProduct> Missing { get; init; }
}
