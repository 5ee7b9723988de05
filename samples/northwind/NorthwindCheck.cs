using System.Globalization;

namespace HubSpotBus.Samples.Northwind;

/// <summary>Compares every order in HubSpot with the files.</summary>
internal static class NorthwindCheck
{
    /// <summary>Each sentence is something that is wrong.</summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(HubSpotAccount account, NorthwindFiles files)
    {
        var companies = await account.RecordsAsync("companies");
        var contacts = await account.RecordsAsync("contacts");
        var products = await account.RecordsAsync("products");
        var lines = (await account.RecordsAsync("line_items")).ToDictionary(r => r.Id);
        var orders = (await account.RecordsAsync("orders")).ToLookup(r => r["hs_external_order_id"]);
        var companyOf = companies.ToDictionary(r => r.Id, r => r["name"]);
        var contactOf = contacts.ToDictionary(r => r.Id, r => r.HubId("hub_customer_id"));
        var skuOf = products.ToDictionary(r => r.Id, r => r["hs_sku"]);

        var wrong = new List<string>();
        Once(wrong, "company", files.CustomerIds, companies.Select(r => r.HubId("hub_company_id")));
        Once(wrong, "contact", files.CustomerIds, contacts.Select(r => r.HubId("hub_customer_id")));
        Once(wrong, "product", files.Skus, products.Select(r => r["hs_sku"]));
        foreach (var order in files.Orders)
        {
            var found = orders[order.Id].ToList();
            if (found.Count != 1)
            {
                wrong.Add($"Order {order.Id} is there {found.Count} times.");
                continue;
            }

            var (record, total) = (found[0], order.Total.ToString("0.00", CultureInfo.InvariantCulture));
            if (record.Money("hs_total_price") != order.Total)
                wrong.Add($"Order {order.Id}: total {record["hs_total_price"]} instead of {total}.");
            if (!record.To("contacts").Select(id => contactOf[id]).SequenceEqual([order.CustomerId]))
                wrong.Add($"Order {order.Id}: not with contact {order.CustomerId}.");
            if (record.To("companies").Count != 1 || !companyOf.ContainsKey(record.To("companies")[0])
                || companies.Single(c => c.Id == record.To("companies")[0]).HubId("hub_company_id") != order.CustomerId)
                wrong.Add($"Order {order.Id}: not with company {order.CustomerId}.");
            var skus = record.To("line_items").Select(id => skuOf.GetValueOrDefault(lines[id]["hs_product_id"] ?? "")).Order();
            if (!skus.SequenceEqual(order.Skus.Order()))
                wrong.Add($"Order {order.Id}: its line items and their products are not those of the files.");
        }

        return wrong;
    }

    /// <summary>Each of the files' records is there once; what somebody else added is none of our business.</summary>
    private static void Once(List<string> wrong, string what, IEnumerable<string> expected, IEnumerable<string?> found)
    {
        var times = found.CountBy(id => id ?? "").ToDictionary();
        wrong.AddRange(expected.Where(id => times.GetValueOrDefault(id) != 1)
            .Select(id => $"{what} {id} is there {times.GetValueOrDefault(id)} times."));
    }
}
