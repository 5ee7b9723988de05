namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 5: webhooks of orders, and how to tell one's own writes in them.</summary>
internal static class OwnWrites
{
    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(5, "hs_object_source of an order that this token made", "INTEGRATION", SourceAsync),
        Fact.NotAskable(5, "object.* webhooks for orders (0-123)",
            "webhooks belong to an app with its own settings and a public address; a static token cannot subscribe"),
        Fact.NotAskable(5, "changeSource of own writes in webhooks", "seen in delivered webhooks only, see above"),
    ];

    private static async Task<Finding> SourceAsync(ProbedAccount account)
    {
        var id = await account.MakeAsync(ObjectType.Orders);
        var read = HubSpotApi.Needed(
            await account.GetAsync(HubSpotApi.Objects(
                ObjectType.Orders, $"/{id}?properties=hs_object_source,hs_object_source_id,hs_object_source_label")),
            "read an order");
        return new(
            Answer.Property(read.Body, "hs_object_source") ?? "empty",
            $"id {Answer.Property(read.Body, "hs_object_source_id")}, label {Answer.Property(read.Body, "hs_object_source_label")}");
    }
}
