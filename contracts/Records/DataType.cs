namespace HubSpotBus.Contracts.Records;

/// <summary>The kinds of hub records that travel. A variant travels with its product.</summary>
public enum DataType
{
    /// <summary>A customer company; in HubSpot a company.</summary>
    Company,

    /// <summary>A customer; in HubSpot a contact.</summary>
    Customer,

    /// <summary>A product, alone or as the parent of its variants; in HubSpot one product each.</summary>
    Product,

    /// <summary>A transaction with its lines; in HubSpot an order or a deal with line items.</summary>
    Transaction,
}
