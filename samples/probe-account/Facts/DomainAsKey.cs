namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 11: does a company's domain work as a key?</summary>
internal static class DomainAsKey
{
    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(11, "GET of a company with idProperty=domain", "400 VALIDATION_ERROR", async account =>
        {
            var domain = Domain(account);
            await account.MakeAsync(ObjectType.Companies, ("domain", domain));
            return Finding.Of(await account.GetAsync(HubSpotApi.Objects(ObjectType.Companies, $"/{domain}?idProperty=domain")));
        }),
        new(11, "batch upsert of a company by domain", "400 VALIDATION_ERROR", async account =>
        {
            var properties = await account.NewAsync(ObjectType.Companies);
            return Finding.Of(await account.UpsertAsync(ObjectType.Companies, "domain", Domain(account), properties));
        }),
    ];

    private static string Domain(ProbedAccount account) => $"{account.Mark().Replace('_', '-')}.example.com";
}
