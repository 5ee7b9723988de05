using System.Globalization;
using CsvHelper;

namespace HubSpotBus.Samples.Northwind;

/// <summary>The Northwind files, read into the shapes that the hub's API takes.</summary>
internal sealed class NorthwindFiles
{
    public const string HubSpotAccountId = "12345678";

    private NorthwindFiles(List<Row> customers, List<Row> products, IReadOnlyList<Order> orders)
    {
        Companies = [.. customers.Select(Company)];
        Customers = [.. customers.Select(Customer)];
        Products = [.. products.Select(Product)];
        Orders = orders;
        CustomerIds = [.. customers.Select(c => c["customerID"])];
        Skus = [.. products.Select(p => Sku(p["productID"]))];
    }

    public IReadOnlyList<object> Companies { get; }

    public IReadOnlyList<object> Customers { get; }

    public IReadOnlyList<object> Products { get; }

    public IReadOnlyList<Order> Orders { get; }

    /// <summary>Ids of the customers; each customer is one company and one contact.</summary>
    public IReadOnlyList<string> CustomerIds { get; }

    public IReadOnlyList<string> Skus { get; }

    public static NorthwindFiles Read(string folder)
    {
        var lines = Rows(folder, "order-details.csv").ToLookup(row => row["orderID"]);
        return new NorthwindFiles(
            Rows(folder, "customers.csv"),
            Rows(folder, "products.csv"),
            [.. Rows(folder, "orders.csv").Select(row => new Order(row, [.. lines[row["orderID"]]]))]);
    }

    public DemoCompany ToDemo() => new()
    {
        Name = "Northwind Traders",
        HubSpotAccountId = HubSpotAccountId,
        Budget = 80,
        Companies = Companies,
        Customers = Customers,
        Products = Products,
        Transactions = [.. Orders.Select(o => o.ToRecord())],
        DifferencesAsync = account => NorthwindCheck.DifferencesAsync(account, this),
    };

    private static object Company(Row row) => new
    {
        id = row["customerID"],
        name = row["companyName"],
        phone = row.OrNull("phone"),
        fax = row.OrNull("fax"),
        address = Address(row, ""),
    };

    private static object Customer(Row row)
    {
        var name = row["contactName"].Split(' ', 2);
        return new
        {
            id = row["customerID"],
            firstName = name[0],
            lastName = name.Length > 1 ? name[1] : null,
            jobTitle = row.OrNull("contactTitle"),
            phone = row.OrNull("phone"),
            fax = row.OrNull("fax"),
            companyId = row["customerID"],
            address = Address(row, ""),
        };
    }

    private static object Product(Row row) => new
    {
        id = row["productID"],
        sku = Sku(row["productID"]),
        name = row["productName"],
        description = row.OrNull("quantityPerUnit"),
        price = row.Money("unitPrice"),
    };

    internal static string Sku(string productId) => $"NW-{productId.PadLeft(3, '0')}";

    internal static object Address(Row row, string prefix)
    {
        string Name(string column) => prefix.Length == 0 ? column : prefix + char.ToUpperInvariant(column[0]) + column[1..];
        return new
        {
            address1 = row.OrNull(Name("address")),
            city = row.OrNull(Name("city")),
            region = row.OrNull(Name("region")),
            postalCode = row.OrNull(Name("postalCode")),
            country = row.OrNull(Name("country")),
        };
    }

    private static List<Row> Rows(string folder, string file)
    {
        using var reader = new StreamReader(Path.Combine(folder, file));
        using var csv = new CsvReader(reader, CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<dynamic>().Select(record => new Row((IDictionary<string, object>)record))];
    }
}

/// <summary>One row of a file, by column name.</summary>
internal sealed class Row(IDictionary<string, object> cells)
{
    public string this[string column] => (string)cells[column];

    public string? OrNull(string column) => this[column].Length == 0 ? null : this[column];

    public decimal Money(string column) => decimal.Parse(this[column], CultureInfo.InvariantCulture);

    public DateTimeOffset? Date(string column) =>
        OrNull(column) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null;
}

/// <summary>An order of the files with its lines; its total is the sum of its lines, rounded to the cent, and the freight.</summary>
internal sealed record Order(Row Row, IReadOnlyList<Row> Lines)
{
    public string Id => Row["orderID"];

    public string CustomerId => Row["customerID"];

    public decimal Total => Math.Round(Lines.Sum(l => l.Money("unitPrice") * l.Money("quantity") * (1 - l.Money("discount"))), 2, MidpointRounding.AwayFromZero)
        + Row.Money("freight");

    public IEnumerable<string> Skus => Lines.Select(l => NorthwindFiles.Sku(l["productID"]));

    public object ToRecord() => new
    {
        id = Id,
        number = Id,
        type = "Order",
        status = Row.OrNull("shippedDate") is null ? "Open" : "Shipped",
        customerId = CustomerId,
        currency = "USD",
        placedAt = Row.Date("orderDate"),
        shippedAt = Row.Date("shippedDate"),
        shippingAmount = Row.Money("freight"),
        total = Total,
        shippingAddress = NorthwindFiles.Address(Row, "ship"),
        lines = Lines.Select(l => new
        {
            id = l["productID"],
            sku = NorthwindFiles.Sku(l["productID"]),
            quantity = l.Money("quantity"),
            unitPrice = l.Money("unitPrice"),
            discountPercent = l.Money("discount") * 100,
        }),
    };
}
