namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 7: what becomes of a record's value when its option is removed from an enumeration.</summary>
internal static class RemovedOption
{
    private static readonly object[] Both = [new { label = "Kept", value = "kept" }, new { label = "Removed", value = "removed" }];
    private static readonly object[] One = [new { label = "Kept", value = "kept" }];

    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(7, "value of a record some seconds after its option was removed", "removed", async account =>
        {
            var (id, property) = await RemoveAsync(account);
            await account.WaitAsync(TimeSpan.FromSeconds(5));
            return await ValueAsync(account, id, property);
        }),
        new(7, "another property of such a record written: status, value", "200, removed", async account =>
        {
            var (id, property) = await RemoveAsync(account);
            var answer = await account.PatchAsync(
                HubSpotApi.Objects(ObjectType.Products, $"/{id}"), new { properties = new { price = "1" } });
            var value = await ValueAsync(account, id, property);
            return new($"{answer.Said}, {value.Found}", answer.IsSuccess ? "" : answer.Telling);
        }),
        new(7, "a removed option written again", "400 VALIDATION_ERROR", async account =>
        {
            var (id, property) = await RemoveAsync(account);
            var properties = new Dictionary<string, string> { [property] = "removed" };
            return Finding.Of(await account.PatchAsync(HubSpotApi.Objects(ObjectType.Products, $"/{id}"), new { properties }));
        }),
    ];

    /// <summary>A product that has an option which is gone.</summary>
    private static async Task<(string Id, string Property)> RemoveAsync(ProbedAccount account)
    {
        var name = account.Mark();
        HubSpotApi.Needed(
            await account.MakePropertyAsync(ObjectType.Products, name, new { type = "enumeration", fieldType = "select", options = Both }),
            "make an enumeration on products");
        var id = await account.MakeAsync(ObjectType.Products, (name, "removed"));
        HubSpotApi.Needed(
            await account.PatchAsync(HubSpotApi.Properties(ObjectType.Products, $"/{name}"), new { options = One }), "remove an option");
        return (id, name);
    }

    private static async Task<Finding> ValueAsync(ProbedAccount account, string id, string property)
    {
        var read = HubSpotApi.Needed(
            await account.GetAsync(HubSpotApi.Objects(ObjectType.Products, $"/{id}?properties={property}")), "read a product");
        return new(Answer.Property(read.Body, property) ?? "empty");
    }
}
