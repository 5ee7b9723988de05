using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.Shop;

/// <summary>A made-up shop, the same at every run: what Northwind lacks. README.md says what is to become of each case.</summary>
internal sealed class CornerShop
{
    public const string HubSpotAccountId = "23456789";
    private const int Seed = 20260101;
    private const int OrdinaryOrders = 120;
    private const int LongOrder = 130;

    private static readonly string[] Categories = ["Retail", "Wholesale", "Online", "Staff", "Press", "Friends"];
    private static readonly string[] Goods = ["Shirt", "Jumper", "Jacket", "Trousers", "Skirt", "Scarf", "Cap", "Boots", "Bag", "Belt"];
    private static readonly string[] Sizes = ["S", "M", "L", "XL"];
    private static readonly string[] FirstNames = ["Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gil", "Hana", "Ivo", "Jana"];
    private static readonly string[] LastNames = ["Adler", "Brandt", "Costa", "Dahl", "Eriksen", "Fontaine"];

    private readonly Random _random = new(Seed);

    private CornerShop()
    {
        Companies = [.. Enumerable.Range(1, 12).Select(n => new ShopCompany($"F{n}", $"{LastNames[n % 6]} & {LastNames[(n + n / 6 + 1) % 6]} {n}"))];
        Customers = [.. Enumerable.Range(1, 60).Select(Customer)];
        Variants = [.. Goods.SelectMany((good, g) => Sizes.Select((size, s) => new ShopVariant($"P{g + 1}", good, size, $"CS-{g + 1:00}-{size}", 15 + 5 * g + s)))];
        Orders = [.. MakeOrders()];
    }

    public IReadOnlyList<ShopCompany> Companies { get; }

    public IReadOnlyList<ShopCustomer> Customers { get; }

    public IReadOnlyList<ShopVariant> Variants { get; }

    /// <summary>The parents of the variants; they have no price of their own.</summary>
    public IEnumerable<ShopProduct> Products => Variants.Select(v => new ShopProduct(v.ProductId, v.Good, $"CS-{v.ProductId}")).Distinct();

    public IReadOnlyList<ShopOrder> Orders { get; private set; }

    public static CornerShop Open() => new();

    /// <summary>The same shop later, when these orders have changed.</summary>
    public CornerShop With(params ShopOrder[] changed)
    {
        var later = (CornerShop)MemberwiseClone();
        later.Orders = [.. Orders.Select(o => changed.FirstOrDefault(c => c.Id == o.Id) ?? o)];
        return later;
    }

    /// <param name="asDeals">Its transactions become deals instead of orders.</param>
    public DemoCompany ToDemo(bool asDeals = false) => new()
    {
        Name = "Corner Shop",
        HubSpotAccountId = HubSpotAccountId,
        Budget = 45,
        Settings = new JsonObject { ["transactionTypes"] = new JsonArray("Order", "Return"), ["transactionsBecome"] = asDeals ? "Deal" : "Order" },
        Companies = [.. Companies.Select(c => new { id = c.Id, name = c.Name })],
        Customers = [.. Customers.Select(c => new
        {
            id = c.Id, firstName = c.FirstName, lastName = c.LastName, email = c.Email, companyId = c.CompanyId, category = c.Category,
        })],
        Products = [.. Products.Select(p => new
        {
            id = p.Id,
            sku = p.Sku,
            name = p.Good,
            variants = Variants.Where(v => v.ProductId == p.Id).Select(v => new { id = v.Sku, sku = v.Sku, price = v.Price, options = new { Size = v.Size } }),
        })],
        Transactions = [.. Orders.Select(o => o.ToRecord())],
        DifferencesAsync = account => ShopCheck.DifferencesAsync(account, this, asDeals),
    };

    private ShopCustomer Customer(int n) => new(
        $"C{n}", FirstNames[n % 10], LastNames[(n - 1) / 10], $"{FirstNames[n % 10]}.{LastNames[(n - 1) / 10]}@example.com".ToLowerInvariant(),
        n % 3 == 0 ? Companies[n / 3 % 12].Id : null, Categories[n % 6]);

    private IEnumerable<ShopOrder> MakeOrders()
    {
        string[] statuses = ["Open", "Processing", "Shipped", "Delivered"];
        for (var n = 1; n <= OrdinaryOrders; n++)
        {
            var order = Sale($"S{n}", Lines(_random.Next(1, 6)), statuses[_random.Next(4)]);
            yield return (n % 12) switch
            {
                0 => order with { CustomerId = null, GuestEmail = $"guest{n / 12}@example.com" },
                3 or 9 => order with { Currency = "EUR" },
                6 => order with { Discount = 5 },
                _ => order,
            };
        }

        yield return Sale("S-long", [.. Enumerable.Range(1, LongOrder).Select(n => Line(n, 1))], "Open");
        yield return Sale("S-cancelled", Lines(2), "Cancelled");
        yield return Sale("S-refunded", Lines(2), "Refunded");
        yield return Sale("S-returned", [Line(1, -1)], "Closed") with { Type = "Return", Shipping = 0 };
    }

    private ShopOrder Sale(string id, IReadOnlyList<ShopLine> lines, string status) =>
        new(id, "Order", status, Customers[_random.Next(60)].Id, null, "USD", Shipping: 4.90m, Discount: 0, lines);

    private List<ShopLine> Lines(int count) => [.. Enumerable.Range(1, count).Select(n => Line(n, _random.Next(1, 4)))];

    private ShopLine Line(int n, int quantity)
    {
        var variant = Variants[_random.Next(Variants.Count)];
        return new ShopLine(n, variant.Sku, quantity, variant.Price);
    }
}

internal sealed record ShopCompany(string Id, string Name);

internal sealed record ShopCustomer(string Id, string FirstName, string LastName, string Email, string? CompanyId, string Category);

internal sealed record ShopProduct(string Id, string Good, string Sku);

internal sealed record ShopVariant(string ProductId, string Good, string Size, string Sku, decimal Price);

internal sealed record ShopLine(int Number, string Sku, int Quantity, decimal UnitPrice);

/// <summary>A transaction of the shop: 8 % tax on what is left after the discount, then shipping.</summary>
internal sealed record ShopOrder(
    string Id, string Type, string Status, string? CustomerId, string? GuestEmail, string Currency, decimal Shipping, decimal Discount, IReadOnlyList<ShopLine> Lines)
{
    public decimal Tax => Math.Round((Subtotal - Discount) * 0.08m, 2, MidpointRounding.AwayFromZero);

    /// <summary>What the customer got back: the lines say what was ordered, the total what is left.</summary>
    public decimal PaidBack { get; init; }

    public decimal Total => Subtotal - Discount + Tax + Shipping - PaidBack;

    private decimal Subtotal => Lines.Sum(l => l.Quantity * l.UnitPrice);

    public object ToRecord() => new
    {
        id = Id,
        number = Id,
        type = Type,
        status = Status,
        customerId = CustomerId,
        guest = GuestEmail is null ? null : new { email = GuestEmail, lastName = "Guest" },
        currency = Currency,
        discountAmount = Discount,
        taxAmount = Tax,
        shippingAmount = Shipping,
        total = Total,
        lines = Lines.Select(l => new { id = $"{l.Number}", sku = l.Sku, quantity = l.Quantity, unitPrice = l.UnitPrice }),
    };
}
