namespace HubSpotBus.Contracts.Records;

/// <summary>A line of a transaction.</summary>
public sealed record LineRecord
{
    /// <summary>The caller's own id, unique within the transaction.</summary>
    public required string Id { get; init; }

    /// <summary>SKU of the product or variant that is sold.</summary>
    public required string Sku { get; init; }

    /// <summary>Text of the line; when missing, the product's name.</summary>
    public string? Description { get; init; }

    /// <summary>Units sold; negative for what came back.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>Price of one unit before discount, in the transaction's currency; never negative, in the hub as in HubSpot.</summary>
    public required decimal UnitPrice { get; init; }

    /// <summary>Discount in percent of the price, 0 to 100.</summary>
    public decimal DiscountPercent { get; init; }
}
