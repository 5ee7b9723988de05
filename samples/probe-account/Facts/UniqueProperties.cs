namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 3: may a property with <c>hasUniqueValue</c> be made on the commerce objects, and does it work as a key?</summary>
internal static class UniqueProperties
{
    public static readonly IReadOnlyList<Fact> Facts =
    [
        Of(ObjectType.Products),
        Of(ObjectType.Orders),
        Of(ObjectType.LineItems),
    ];

    private static Fact Of(ObjectType type) => new(
        3,
        $"a property with hasUniqueValue on {type}: made, upsert by it, create with a taken value",
        "201, 200, 400 VALIDATION_ERROR",
        account => AskAsync(account, type));

    private static async Task<Finding> AskAsync(ProbedAccount account, ObjectType type)
    {
        var made = await account.UniquePropertyAsync(type);
        if (!made.IsSuccess)
            return new(made.Said, made.Telling);

        var key = await account.UniqueKeyAsync(type);
        var value = account.Mark();
        var upsert = await account.UpsertAsync(type, key, value, await account.NewAsync(type));
        var properties = await account.NewAsync(type, (key, value));
        var taken = await account.PostAsync(HubSpotApi.Objects(type), new { properties });
        return new($"{made.Said}, {upsert.Said}, {taken.Said}", taken.Telling);
    }
}
