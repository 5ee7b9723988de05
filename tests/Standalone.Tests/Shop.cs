namespace HubSpotBus.Standalone.Tests;

/// <summary>Records as a shop would send them.</summary>
internal static class Shop
{
    public static object Company(string id) => new { id, name = $"Firm {id}" };

    public static object Customer(string id, string? companyId = null, string? email = null) =>
        new { id, firstName = "Ann", lastName = id, email, companyId };

    public static object Product(string id, string sku) => new { id, sku, name = $"Thing {id}", price = 10 };

    public static object Transaction(string id, string? customerId, params ShopLine[] lines) =>
        new { id, number = id, customerId, currency = "USD", total = lines.Sum(l => l.quantity * l.unitPrice), lines };

    public static ShopLine Line(string id, string sku, decimal quantity, decimal unitPrice) => new(id, sku, quantity, unitPrice);

    // Named as the API names them.
    internal sealed record ShopLine(string id, string sku, decimal quantity, decimal unitPrice);
}
