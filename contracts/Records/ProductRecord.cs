namespace HubSpotBus.Contracts.Records;

/// <summary>A product of the hub. With variants it is a parent: its variants are what is sold.</summary>
public sealed record ProductRecord
{
    /// <summary>The caller's own id, unique among the tenant's products.</summary>
    public required string Id { get; init; }

    /// <summary>Stock keeping unit, unique among the tenant's products and variants.</summary>
    public required string Sku { get; init; }

    /// <summary>Name; required by HubSpot.</summary>
    public string? Name { get; init; }

    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>Price of one unit in the account's currency.</summary>
    public decimal? Price { get; init; }

    /// <summary>Cost of one unit in the account's currency.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Variants; empty for a plain product.</summary>
    public IReadOnlyList<VariantRecord> Variants { get; init; } = [];
}
