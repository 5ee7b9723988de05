using System.Globalization;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Subscriptions;

namespace HubSpotBus.Mappings.Tests;

/// <summary>Rows of the Northwind data as hub records: accents, missing regions, discounts of 15 percent.</summary>
internal static class Northwind
{
    public static readonly TransferSettings Settings = new()
    {
        Links = new LinkRules { HubKey = "nw" }, MappingSet = "2026.1", TransactionsBecome = TransactionTarget.Order, ProductsAsPrerequisite = true,
    };

    public static CompanyRecord Berglunds => new()
    {
        Id = "BERGS",
        Name = "Berglunds snabbköp",
        Url = "http://www.Berglunds.se/butik",
        Phone = "0921-12 34 65",
        Fax = "0921-12 34 67",
        Address = new AddressRecord { Address1 = "Berguvsvägen  8", City = "Luleå", PostalCode = "S-958 22", Country = "Sweden" },
    };

    public static CustomerRecord Christina => new()
    {
        Id = "BERGS",
        FirstName = "Christina",
        LastName = "Berglund",
        Email = " Christina.Berglund@Berglunds.SE ",
        JobTitle = "Order Administrator",
        Phone = "0921-12 34 65",
        Fax = "0921-12 34 67",
        CompanyId = "BERGS",
        Address = Berglunds.Address,
    };

    public static ProductRecord Chai =>
        new() { Id = "1", Sku = "NW-001", Name = "Chai", Description = "10 boxes x 20 bags", Price = 18.00m };

    public static ProductRecord Shirt => new()
    {
        Id = "P1",
        Sku = "SHIRT",
        Name = "Shirt",
        Description = "Cotton",
        Price = 20m,
        Cost = 8.50m,
        Variants =
        [
            new VariantRecord { Id = "V1", Sku = "SHIRT-L", Options = new Dictionary<string,
                string> { ["Size"] = "L", ["Colour"] = "blue" } },
            new VariantRecord { Id = "V2", Sku = "SHIRT-XL", Name = "Shirt for giants", Price = 24.90m, Cost = 9m },
        ],
    };

    public static TransactionRecord Order => new()
    {
        Id = "10250",
        Number = "10250",
        Status = "Shipped",
        CustomerId = "BERGS",
        Currency = "usd",
        PlacedAt = new DateTimeOffset(1996, 7, 8, 2, 0, 0, TimeSpan.FromHours(2)),
        ShippedAt = new DateTimeOffset(1996, 7, 12, 0, 0, 0, TimeSpan.Zero),
        ShippingAmount = 65.83m,
        Total = 1618.43m,
        ShippingAddress = new AddressRecord
        {
            Address1 = "Rua do Paço, 67", City = "Rio de Janeiro", Region = "RJ", PostalCode = "05454-876", Country = "Brazil",
                Company = "Hanari Carnes",
        },
        Lines = [Line("41", "NW-041", 10, 7.70m, 0), Line("51", "NW-051", 35, 42.40m, 15.00m), Line("65", "NW-065", 15, 16.80m, 15.00m)],
    };

    public static LineRecord Line(string id, string sku, decimal quantity, decimal price, decimal discount) =>
        new() { Id = id, Sku = sku, Quantity = quantity, UnitPrice = price, DiscountPercent = discount };

    public static Snapshot<TRecord> Snapshot<TRecord>(this TRecord record, long version = 1)
        where TRecord : class =>
            new() { Version = version, TrackingId = "track-" + version.ToString(CultureInfo.InvariantCulture), Record = record };
}
