using System.Globalization;

namespace HubSpotBus.Samples.Shop;

/// <summary>Compares what HubSpot has with what README.md promises of each case.</summary>
internal static class ShopCheck
{
    private static readonly Header Order = new(
        "orders", "hs_order_name", "hs_total_price", "hs_subtotal_price", "hs_order_discount", "hs_tax", "hs_shipping_cost", "hs_currency_code",
        "hs_external_order_status", "hs_pipeline_stage");

    private static readonly Header Deal = new(
        "deals", "dealname", "amount", "hub_subtotal", "hub_discount", "hub_tax", "hub_shipping", "deal_currency_code", "hub_status", "dealstage");

    // The stages of the simulator's order pipeline by id; those of deals have readable ids.
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["4b27b500-f031-4927-9811-68a0b525cbae"] = "Open",
        ["937ea84d-0a4f-4dcf-9028-3f9c2aafbf03"] = "Processing",
        ["aa99e8d0-c1d5-4071-b915-d240bbb1aed9"] = "Shipped",
        ["3725360f-519b-4b18-a593-494d60a29c9f"] = "Delivered",
        ["3c85a297-e9ce-400b-b42e-9f16853d69d6"] = "Cancelled",
        ["5a2f6c41-8d0b-4c39-9a27-0be1d6c7f8aa"] = "Refunded",
        ["b1c9d3e7-2f64-4f0a-8a15-6e9b7c20d4bb"] = "Returned",
    };

    /// <summary>Each sentence is something that is wrong.</summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(HubSpotAccount account, CornerShop shop, bool asDeals)
    {
        var header = asDeals ? Deal : Order;
        var companies = await account.RecordsAsync("companies");
        var contacts = await account.RecordsAsync("contacts");
        var products = await account.RecordsAsync("products");
        var orders = await account.RecordsAsync(header.ObjectType);
        var lines = await account.RecordsAsync("line_items");
        var guests = shop.Orders.Select(o => o.GuestEmail).OfType<string>().Distinct().ToList();

        var wrong = new List<string>();
        Same(wrong, "Company", shop.Companies.Select(c => c.Id), companies.Select(c => c.HubId("hub_company_id")));
        Same(wrong, "Contact", shop.Customers.Select(c => c.Email).Concat(guests), contacts.Select(c => c["email"]));
        Same(wrong, "Product", shop.Products.Select(p => p.Sku).Concat(shop.Variants.Select(v => v.Sku)), products.Select(p => p["hs_sku"]));
        Same(wrong, "Order", shop.Orders.Select(o => o.Id), orders.Select(o => o.HubId("hub_transaction_id")));
        Same(wrong, "Line", shop.Orders.SelectMany(o => o.Lines.Select(l => $"{o.Id}/{l.Number}")), lines.Select(l => l.HubId("hub_line_id")));
        if (wrong.Count > 0)
            return wrong;

        Companies(wrong, shop, companies);
        Contacts(wrong, shop, guests, contacts, companies);
        Products(wrong, shop, products);
        Orders(wrong, shop, header, orders, contacts, companies);
        Lines(wrong, shop, orders, lines, products);
        return wrong;
    }

    private static void Companies(List<string> wrong, CornerShop shop, List<HubSpotRecord> companies)
    {
        var found = companies.ToDictionary(c => c.HubId("hub_company_id")!);
        foreach (var company in shop.Companies)
            Equal(wrong, $"Company {company.Id}", "name", found[company.Id]["name"], company.Name);
    }

    private static void Contacts(
        List<string> wrong, CornerShop shop, List<string> guests, List<HubSpotRecord> contacts, List<HubSpotRecord> companies)
    {
        var found = contacts.ToDictionary(c => c["email"]!);
        var companyOf = companies.ToDictionary(c => c.Id, c => c.HubId("hub_company_id"));
        foreach (var customer in shop.Customers)
        {
            var contact = found[customer.Email];
            Equal(wrong, $"Contact {customer.Email}", "key", contact.HubId("hub_customer_id"), customer.Id);
            Equal(wrong, $"Contact {customer.Email}", "name", $"{contact["firstname"]} {contact["lastname"]}", $"{customer.FirstName} {customer.LastName}");
            Equal(wrong, $"Contact {customer.Email}", "company", Joined(contact.To("companies").Select(id => companyOf[id])), customer.CompanyId ?? "");
            Equal(wrong, $"Contact {customer.Email}", "properties with its category", Joined(contact.PropertiesWith(customer.Category)), "");
        }

        foreach (var guest in guests)
        {
            Equal(wrong, $"Contact {guest}", "key", found[guest]["hub_customer_id"] ?? "", "");
            Equal(wrong, $"Contact {guest}", "company", Joined(found[guest].To("companies").Select(id => companyOf[id])), "");
        }
    }

    private static void Products(List<string> wrong, CornerShop shop, List<HubSpotRecord> products)
    {
        var found = products.ToDictionary(p => p["hs_sku"]!);
        foreach (var product in shop.Products)
            Equal(wrong, $"Product {product.Sku}", "name", found[product.Sku]["name"], product.Good);
        foreach (var variant in shop.Variants)
        {
            Equal(wrong, $"Product {variant.Sku}", "name", found[variant.Sku]["name"], $"{variant.Good} {variant.Size}");
            Equal(wrong, $"Product {variant.Sku}", "price", found[variant.Sku].Money("price"), variant.Price);
        }
    }

    private static void Orders(
        List<string> wrong, CornerShop shop, Header header, List<HubSpotRecord> orders, List<HubSpotRecord> contacts, List<HubSpotRecord> companies)
    {
        var records = orders.ToDictionary(o => o.HubId("hub_transaction_id")!);
        var emailOf = contacts.ToDictionary(c => c.Id, c => c["email"]);
        var companyOf = companies.ToDictionary(c => c.Id, c => c.HubId("hub_company_id"));
        var customers = shop.Customers.ToDictionary(c => c.Id);
        foreach (var order in shop.Orders)
        {
            var (found, name) = (records[order.Id], $"Order {order.Id}");
            var customer = order.CustomerId is { } id ? customers[id] : null;
            Equal(wrong, name, "name", found[header.Name], order.Id);
            Equal(wrong, name, "total", found.Money(header.Total), order.Total);
            Equal(wrong, name, "tax", found.Money(header.Tax), order.Tax);
            Equal(wrong, name, "shipping", found.Money(header.Shipping), order.Shipping);
            Equal(wrong, name, "discount", found[header.Discount] is null ? 0 : found.Money(header.Discount), order.Discount);
            Equal(wrong, name, "subtotal", found.Money(header.Subtotal), order.Total - order.Tax - order.Shipping + order.Discount);
            Equal(wrong, name, "currency", found[header.Currency], order.Currency);
            Equal(wrong, name, "status", found[header.Status], order.Status);
            Equal(wrong, name, "stage", Labels.GetValueOrDefault(found[header.Stage] ?? "", found[header.Stage] ?? ""), StageOf(order, header));
            Equal(wrong, name, "contact", Joined(found.To("contacts").Select(to => emailOf[to])), order.GuestEmail ?? customer?.Email ?? "");
            Equal(wrong, name, "company", Joined(found.To("companies").Select(to => companyOf[to])), customer?.CompanyId ?? "");
        }
    }

    private static string StageOf(ShopOrder order, Header header) => (header.ObjectType, order.Type, order.Status) switch
    {
        ("orders", "Return", _) => "Returned",
        ("orders", _, var status) => status,
        (_, "Return", _) => "closedwon",
        (_, _, "Shipped" or "Delivered") => "closedwon",
        (_, _, "Cancelled" or "Refunded") => "closedlost",
        _ => "contractsent",
    };

    /// <summary>Each line is with its order, refers to the product of its SKU, and has its quantity and its price in the order's currency.</summary>
    private static void Lines(List<string> wrong, CornerShop shop, List<HubSpotRecord> orders, List<HubSpotRecord> lines, List<HubSpotRecord> products)
    {
        var records = orders.ToDictionary(o => o.HubId("hub_transaction_id")!);
        var byId = lines.ToDictionary(l => l.Id);
        var skuOf = products.ToDictionary(p => p.Id, p => p["hs_sku"]);
        foreach (var order in shop.Orders)
        {
            Equal(wrong, $"Order {order.Id}", "number of lines", records[order.Id].To("line_items").Count, order.Lines.Count);
            var found = records[order.Id].To("line_items").Select(id => byId[id]).ToDictionary(l => l.HubId("hub_line_id")!);
            foreach (var line in order.Lines)
            {
                Equal(wrong, $"Order {order.Id}", $"line {line.Number}",
                    found.GetValueOrDefault($"{order.Id}/{line.Number}") is { } there
                        ? Text(there.Money("quantity"), skuOf.GetValueOrDefault(there["hs_product_id"] ?? ""), there.Money("price"), there["hs_line_item_currency_code"])
                        : "",
                    Text(line.Quantity, line.Sku, line.UnitPrice, order.Currency));
            }
        }
    }

    private static string Text(decimal quantity, string? sku, decimal price, string? currency) =>
        string.Create(CultureInfo.InvariantCulture, $"{quantity:0.##} x {sku} at {price:0.00##} {currency}");

    private static string Joined(IEnumerable<string?> values) => string.Join(", ", values);

    private static void Same(List<string> wrong, string what, IEnumerable<string?> expected, IEnumerable<string?> found)
    {
        var (wanted, there) = (Times(expected), Times(found));
        wrong.AddRange(wanted.Keys.Union(there.Keys)
            .Where(id => wanted.GetValueOrDefault(id) != there.GetValueOrDefault(id)).Take(5)
            .Select(id => $"{what} {id} is there {there.GetValueOrDefault(id)} times instead of {wanted.GetValueOrDefault(id)}."));
    }

    private static Dictionary<string, int> Times(IEnumerable<string?> ids) => ids.CountBy(id => id ?? "(none)").ToDictionary();

    private static void Equal<T>(List<string> wrong, string record, string what, T found, T expected)
    {
        if (!EqualityComparer<T>.Default.Equals(found, expected))
            wrong.Add($"{record}: {what} {found} instead of {expected}.");
    }

    /// <summary>Where the whole of a transaction is found in HubSpot.</summary>
    private sealed record Header(
        string ObjectType, string Name, string Total, string Subtotal, string Discount, string Tax, string Shipping, string Currency, string Status, string Stage);
}
