namespace HubSpotBus.Contracts.Mappings;

/// <summary>A product or a variant translated into a HubSpot product. Its id is unique among products and variants of the tenant.</summary>
public sealed record MappedProduct
{
    /// <summary>Hub id.</summary>
    public required string Id { get; init; }

    /// <summary>Hub version.</summary>
    public required long Version { get; init; }

    /// <summary>Follows the record through all services.</summary>
    public required string TrackingId { get; init; }

    /// <summary>HubSpot properties and values, without our key property.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>SKU, unique among products and variants.</summary>
    public required string Sku { get; init; }

    /// <summary>Hub id of the parent product; null for a product.</summary>
    public string? ParentId { get; init; }
}
