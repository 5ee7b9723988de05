using HubSpotBus.Contracts.Records;

namespace HubSpotBus.Contracts.Products;

/// <summary>A SKU that has no product in HubSpot.</summary>
public sealed record MissingProduct
{
    /// <summary>The SKU.</summary>
    public required string Sku { get; init; }

    /// <summary>Why there is no product, and what to do.</summary>
    public required Problem Problem { get; init; }
}
