using System.Globalization;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Calls;
using HubSpotBus.HubSpotSimulator.Store;

namespace HubSpotBus.HubSpotSimulator.Crm;

/// <summary>What a line takes from its product, and what HubSpot computes of it at each write.</summary>
internal static class LineItemValues
{
    public static readonly string[] Computed = ["amount", "hs_total_discount"];

    private static readonly string[] OfProduct = ["name", "price", "hs_sku", "description", "hs_cost_of_goods_sold"];

    public static void CopyFromProduct(Portal portal, Dictionary<string, string> values)
    {
        if (!values.TryGetValue("hs_product_id", out var productId))
        {
            return;
        }

        var product = portal.Table(ObjectType.Products).Find(productId)
            ?? throw Refusal.Validation(
                $"Product with id {productId} does not exist", context: new JsonObject { ["id"] = new JsonArray(productId) });
        foreach (var name in OfProduct)
        {
            if (!values.ContainsKey(name) && product[name] is { } value)
            {
                values[name] = value;
            }
        }
    }

    public static void Compute(Dictionary<string, string> values)
    {
        values.Remove("amount");
        if (values.ContainsKey("price"))
        {
            var quantity = Number(values, "quantity", 1);
            var net = Number(values, "price") - Number(values, "discount");
            var discounted = net - (net * Number(values, "hs_discount_percentage") / 100);
            values["amount"] = (quantity * discounted).ToString("0.######", CultureInfo.InvariantCulture);
            values["hs_total_discount"] =
                (quantity * (Number(values, "price") - discounted)).ToString("0.######", CultureInfo.InvariantCulture);
        }
    }

    private static decimal Number(Dictionary<string, string> values, string name, decimal otherwise = 0) =>
        decimal.TryParse(values.GetValueOrDefault(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
