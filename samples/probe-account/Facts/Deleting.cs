namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 9: deleting what is not there, and what a deleted record is still good for.</summary>
internal static class Deleting
{
    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(9, "DELETE of an id that never was", "204", async account =>
        {
            var id = await account.UnknownIdAsync(ObjectType.Contacts);
            return Finding.Of(await account.DeleteAsync(HubSpotApi.Objects(ObjectType.Contacts, $"/{id}")));
        }),
        new(9, "DELETE of a deleted record", "204", async account =>
        {
            var id = await DeletedAsync(account);
            return Finding.Of(await account.DeleteAsync(HubSpotApi.Objects(ObjectType.Contacts, $"/{id}")));
        }),
        new(9, "batch archive with a deleted record", "204", async account =>
        {
            var inputs = new[] { new { id = await DeletedAsync(account) } };
            return Finding.Of(await account.PostAsync(HubSpotApi.Objects(ObjectType.Contacts, "/batch/archive"), new { inputs }));
        }),
        new(9, "GET of a deleted record with archived=true", "200", async account =>
        {
            var id = await DeletedAsync(account);
            return Finding.Of(await account.GetAsync(HubSpotApi.Objects(ObjectType.Contacts, $"/{id}?archived=true")));
        }),
        new(9, "restoring by a PATCH of a deleted record", "404", async account =>
        {
            var id = await DeletedAsync(account);
            return Finding.Of(await account.PatchAsync(
                HubSpotApi.Objects(ObjectType.Contacts, $"/{id}"), new { properties = new { jobtitle = account.RecordName } }));
        }),
        new(9, "upsert by the unique value of a deleted record", "200, another record", UpsertAsync),
    ];

    private static async Task<string> DeletedAsync(ProbedAccount account, params (string Name, string Value)[] more)
    {
        var id = await account.MakeAsync(ObjectType.Contacts, more);
        HubSpotApi.Needed(await account.DeleteAsync(HubSpotApi.Objects(ObjectType.Contacts, $"/{id}")), "delete a contact");
        return id;
    }

    private static async Task<Finding> UpsertAsync(ProbedAccount account)
    {
        var (key, value) = (await account.UniqueKeyAsync(ObjectType.Contacts), account.Mark());
        var id = await DeletedAsync(account, (key, value));
        var answer = await account.UpsertAsync(ObjectType.Contacts, key, value, await account.NewAsync(ObjectType.Contacts));
        if (!answer.IsSuccess)
            return Finding.Of(answer);
        return new($"{answer.Said}, {(Answer.TextOf(answer.First?["id"]) == id ? "the same" : "another")} record");
    }
}
