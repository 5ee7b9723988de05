namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The pipelines that a new account has.</summary>
internal static class StandardPipelines
{
    public static IEnumerable<Pipeline> Of(ObjectType type, DateTimeOffset now)
    {
        if (type == ObjectType.Deals)
        {
            yield return new("default", "Sales Pipeline", 0,
            [
                Deal(0, "appointmentscheduled", "Appointment Scheduled", "0.2", now),
                Deal(1, "qualifiedtobuy", "Qualified To Buy", "0.4", now),
                Deal(2, "presentationscheduled", "Presentation Scheduled", "0.6", now),
                Deal(3, "decisionmakerboughtin", "Decision Maker Bought-In", "0.8", now),
                Deal(4, "contractsent", "Contract Sent", "0.9", now),
                Deal(5, "closedwon", "Closed Won", "1.0", now),
                Deal(6, "closedlost", "Closed Lost", "0.0", now),
            ], now);
        }

        if (type == ObjectType.Orders)
        {
            yield return new("14a2e10e-5471-408a-906e-c51f3b04369e", "Order Pipeline", 0,
            [
                Order(0, "4b27b500-f031-4927-9811-68a0b525cbae", "Open", "OPEN", now),
                Order(1, "937ea84d-0a4f-4dcf-9028-3f9c2aafbf03", "Processed", "OPEN", now),
                Order(2, "aa99e8d0-c1d5-4071-b915-d240bbb1aed9", "Shipped", "OPEN", now),
                Order(3, "3725360f-519b-4b18-a593-494d60a29c9f", "Delivered", "CLOSED", now),
                Order(4, "3c85a297-e9ce-400b-b42e-9f16853d69d6", "Cancelled", "CLOSED", now),
                Order(5, "5a2f6c41-8d0b-4c39-9a27-0be1d6c7f8aa", "Refunded", "CLOSED", now),
                Order(6, "b1c9d3e7-2f64-4f0a-8a15-6e9b7c20d4bb", "Returned", "CLOSED", now),
            ], now);
        }
    }

    private static PipelineStage Deal(int order, string id, string label, string probability, DateTimeOffset now) =>
        new(id, label, order, DealMetadata(probability), now);

    private static PipelineStage Order(int order, string id, string label, string state, DateTimeOffset now) =>
        new(id, label, order, new Dictionary<string, string> { ["state"] = state }, now);

    public static Dictionary<string, string> DealMetadata(string probability) =>
        new() { ["probability"] = probability, ["isClosed"] = probability is "1.0" or "0.0" ? "true" : "false" };
}
