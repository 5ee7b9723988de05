namespace HubSpotBus.Contracts.Mappings;

/// <summary>A line translated into a HubSpot line item.</summary>
public sealed record MappedLine
{
    /// <summary>Id of the line within its transaction.</summary>
    public required string Id { get; init; }

    /// <summary>SKU of the product or variant sold.</summary>
    public required string Sku { get; init; }

    /// <summary>HubSpot properties and values, without our key property and without the product.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }
}
