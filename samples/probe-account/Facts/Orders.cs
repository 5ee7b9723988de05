using System.Text.Json.Nodes;

namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 4: what an order has of its own: its number, its properties, its pipelines.</summary>
internal static class Orders
{
    private const string Pipeline = "14a2e10e-5471-408a-906e-c51f3b04369e: "
        + "4b27b500-f031-4927-9811-68a0b525cbae Open, 937ea84d-0a4f-4dcf-9028-3f9c2aafbf03 Processed, "
        + "aa99e8d0-c1d5-4071-b915-d240bbb1aed9 Shipped, 3725360f-519b-4b18-a593-494d60a29c9f Delivered, "
        + "3c85a297-e9ce-400b-b42e-9f16853d69d6 Cancelled";

    /// <summary>Those that mappings write to.</summary>
    private static readonly string[] Wanted =
    [
        "hs_order_name", "hs_currency_code", "hs_source_store", "hs_fulfillment_status", "hs_shipping_status_url",
        "hs_shipping_tracking_number", "hs_pipeline", "hs_pipeline_stage", "hs_external_order_id", "hs_external_order_status",
        "hs_external_order_url", "hs_external_created_date", "hs_total_price", "hs_subtotal_price", "hs_tax", "hs_shipping_cost",
        "hs_order_discount", "hs_discount_codes", "hs_payment_status", "hs_payment_processing_method", "hs_processed_date", "hs_tags",
        "hs_exchange_rate", "hs_order_note", "hs_cancelled_date", "hs_refund_amount",
        .. Address("hs_billing_address_"), .. Address("hs_shipping_address_"),
    ];

    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(4, "hs_external_order_id: hasUniqueValue, and two orders with one value", "false, 201", ExternalIdAsync),
        new(4, "batch upsert of an order by hs_external_order_id", "400 VALIDATION_ERROR", UpsertAsync),
        new(4, "order properties that mappings use and the account lacks", "none", PropertiesAsync),
        new(4, "first order pipeline: its id, ids and labels of its first five stages", Pipeline, PipelineAsync),
    ];

    private static async Task<Finding> ExternalIdAsync(ProbedAccount account)
    {
        var definition = HubSpotApi.Needed(
            await account.GetAsync(HubSpotApi.Properties(ObjectType.Orders, "/hs_external_order_id")), "read hs_external_order_id");
        var properties = await account.NewAsync(ObjectType.Orders, ("hs_external_order_id", account.Mark()));
        var inputs = new[] { new { properties, objectWriteTraceId = "0" }, new { properties, objectWriteTraceId = "1" } };
        var made = await account.PostAsync(HubSpotApi.Objects(ObjectType.Orders, "/batch/create"), new { inputs });
        return new($"{definition["hasUniqueValue"]}, {made.Said}", made.Status == 201 ? "" : made.Telling);
    }

    private static async Task<Finding> UpsertAsync(ProbedAccount account) => Finding.Of(await account.UpsertAsync(
        ObjectType.Orders, "hs_external_order_id", account.Mark(), await account.NewAsync(ObjectType.Orders)));

    private static async Task<Finding> PropertiesAsync(ProbedAccount account)
    {
        var names = HubSpotApi.Needed(await account.GetAsync(HubSpotApi.Properties(ObjectType.Orders)), "read the order properties")
            .Results.Select(p => Answer.TextOf(p["name"])).OfType<string>().ToList();
        var lacking = Wanted.Except(names).ToList();
        var others = names.Except(Wanted).Where(n => !n.StartsWith(ProbedAccount.Prefix, StringComparison.Ordinal)).Order().ToList();
        return new(lacking.Count == 0 ? "none" : string.Join(", ", lacking), $"{others.Count} more: {string.Join(", ", others)}");
    }

    private static async Task<Finding> PipelineAsync(ProbedAccount account)
    {
        var pipelines = HubSpotApi.Needed(await account.GetAsync($"/crm/pipelines/{HubSpotApi.Version}/orders"), "read the order pipelines")
            .Results.OrderBy(Place).ToList();
        if (pipelines is not [var first, ..])
            return new("no pipeline");

        var stages = Answer.Objects(first["stages"])
            .OrderBy(Place)
            .Select(s => $"{Answer.TextOf(s["id"])} {Answer.TextOf(s["label"])}")
            .ToList();
        var more = stages.Count > 5 ? $"; more stages: {string.Join(", ", stages.Skip(5))}" : "";
        return new($"{Answer.TextOf(first["id"])}: {string.Join(", ", stages.Take(5))}", $"pipelines: {pipelines.Count}{more}");
    }

    private static int Place(JsonObject node) => int.TryParse(Answer.TextOf(node["displayOrder"]), out var place) ? place : int.MaxValue;

    private static IEnumerable<string> Address(string prefix) =>
        "street city state postal_code country name phone".Split(' ').Select(part => prefix + part);
}
