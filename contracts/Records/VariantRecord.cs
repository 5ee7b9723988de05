namespace HubSpotBus.Contracts.Records;

/// <summary>A variant of a product: what is sold of it, by its own SKU.</summary>
public sealed record VariantRecord
{
    /// <summary>The caller's own id, unique among the tenant's products and variants.</summary>
    public required string Id { get; init; }

    /// <summary>Stock keeping unit, unique among the tenant's products and variants.</summary>
    public required string Sku { get; init; }

    /// <summary>Name; when missing, the product's name with the option values.</summary>
    public string? Name { get; init; }

    /// <summary>Price of one unit; when missing, the product's.</summary>
    public decimal? Price { get; init; }

    /// <summary>Cost of one unit; when missing, the product's.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Option names and values, such as Size = L.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}
