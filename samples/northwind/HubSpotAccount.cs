using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.Northwind;

/// <summary>Looks into the HubSpot account behind the demo, and at the calls that were made to it.</summary>
internal sealed class HubSpotAccount(HttpClient http, string portalId)
{
    public async Task<(int Total, int InAMinute, int AtOnce)> CallsAsync()
    {
        var counters = (await http.GetFromJsonAsync<JsonNode>("/_simulator/counters?windowSeconds=60"))!;
        return ((int)counters["total"]!, (int)counters["maxInSlidingWindow"]!, (int)counters["maxAtOnce"]!);
    }

    /// <summary>Compares every order with the files; each sentence is something that is wrong.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(NorthwindFiles files)
    {
        var companies = await RecordsAsync("companies");
        var contacts = await RecordsAsync("contacts");
        var products = await RecordsAsync("products");
        var lines = (await RecordsAsync("line_items")).ToDictionary(r => r.Id);
        var orders = (await RecordsAsync("orders")).ToLookup(r => r["hs_external_order_id"]);
        var companyOf = companies.ToDictionary(r => r.Id, r => r["name"]);
        var contactOf = contacts.ToDictionary(r => r.Id, r => r["hub_customer_id"]);
        var skuOf = products.ToDictionary(r => r.Id, r => r["hs_sku"]);

        var wrong = new List<string>();
        Once(wrong, "company", files.CustomerIds, companies.Select(r => HubId(r["hub_company_id"])));
        Once(wrong, "contact", files.CustomerIds, contacts.Select(r => HubId(r["hub_customer_id"])));
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
            if (decimal.Parse(record["hs_total_price"] ?? "-1", CultureInfo.InvariantCulture) != order.Total)
                wrong.Add($"Order {order.Id}: total {record["hs_total_price"]} instead of {total}.");
            if (!record.To("contacts").Select(id => HubId(contactOf[id])).SequenceEqual([order.CustomerId]))
                wrong.Add($"Order {order.Id}: not with contact {order.CustomerId}.");
            if (record.To("companies").Count != 1 || !companyOf.ContainsKey(record.To("companies")[0])
                || HubId(companies.Single(c => c.Id == record.To("companies")[0])["hub_company_id"]) != order.CustomerId)
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

    private static string? HubId(string? key) => key?.Split(':')[^1];

    public async Task<List<HubSpotRecord>> RecordsAsync(string type) =>
        [.. (await http.GetFromJsonAsync<JsonArray>($"/_simulator/portals/{portalId}/records/{type}"))!.Select(node => new HubSpotRecord(node!))];
}

internal sealed class HubSpotRecord(JsonNode node)
{
    public string Id => (string)node["id"]!;

    public string? this[string property] => (string?)node["properties"]![property];

    /// <summary>Ids of the records of a type that it is associated with.</summary>
    public IReadOnlyList<string> To(string type) =>
        [.. ((JsonArray?)node["associations"]?[type] ?? []).Select(to => to is JsonObject link ? link["id"]!.ToString() : to!.ToString()).Distinct()];
}
