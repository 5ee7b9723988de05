namespace HubSpotBus.Contracts.Records;

/// <summary>A transaction of the hub, with its lines: an order, or whatever else its type says.</summary>
public sealed record TransactionRecord
{
    /// <summary>The caller's own id, unique among the tenant's transactions.</summary>
    public required string Id { get; init; }

    /// <summary>Number shown to people.</summary>
    public string? Number { get; init; }

    /// <summary>What it is: Order, Invoice, Quote, Return, CreditMemo or a name of the source's own. Which types transfer is a setting.</summary>
    public string Type { get; init; } = "Order";

    /// <summary>State in the source, such as Open, Shipped, Cancelled.</summary>
    public string? Status { get; init; }

    /// <summary>Id of the customer (<see cref="CustomerRecord.Id"/>).</summary>
    public string? CustomerId { get; init; }

    /// <summary>Id of the company (<see cref="CompanyRecord.Id"/>); when missing, the customer's company.</summary>
    public string? CompanyId { get; init; }

    /// <summary>Who placed it, where that is no customer of the hub; a <see cref="CustomerId"/> goes before.</summary>
    public GuestRecord? Guest { get; init; }

    /// <summary>ISO 4217 code; when missing, the HubSpot account's currency.</summary>
    public string? Currency { get; init; }

    /// <summary>When it was placed.</summary>
    public DateTimeOffset? PlacedAt { get; init; }

    /// <summary>When it was shipped.</summary>
    public DateTimeOffset? ShippedAt { get; init; }

    /// <summary>Discount on the whole, in <see cref="Currency"/>; like tax, shipping and total negative on a return.</summary>
    public decimal DiscountAmount { get; init; }

    /// <summary>Tax on the whole, in <see cref="Currency"/>.</summary>
    public decimal TaxAmount { get; init; }

    /// <summary>True when the lines' prices contain the tax; <see cref="TaxAmount"/> then says how much of them it is.</summary>
    public bool PricesIncludeTax { get; init; }

    /// <summary>Cost of shipping, in <see cref="Currency"/>.</summary>
    public decimal ShippingAmount { get; init; }

    /// <summary>What is to be paid, in <see cref="Currency"/>: lines less discount, with tax and shipping.</summary>
    public decimal Total { get; init; }

    /// <summary>Where it is shipped to.</summary>
    public AddressRecord? ShippingAddress { get; init; }

    /// <summary>Where it is billed to.</summary>
    public AddressRecord? BillingAddress { get; init; }

    /// <summary>The lines, in order.</summary>
    public IReadOnlyList<LineRecord> Lines { get; init; } = [];
}
