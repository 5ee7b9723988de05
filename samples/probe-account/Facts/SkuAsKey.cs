namespace HubSpotBus.Samples.ProbeAccount.Facts;

/// <summary>Point 2: HubSpot's own <c>hs_sku</c> of products as a key.</summary>
internal static class SkuAsKey
{
    private static readonly string[] NoSkus = ["none", "none", "empty", "empty"];

    public static readonly IReadOnlyList<Fact> Facts =
    [
        new(2, "batch upsert of a product by hs_sku, twice", "200 new, then 200 not new", UpsertAsync),
        new(2, "GET of a product with idProperty=hs_sku", "200", GetAsync),
        new(2, "products without or with an empty hs_sku, two of each", "201, 4 made", EmptyAsync),
        new(2, "create with an hs_sku that is taken", "400 VALIDATION_ERROR", TakenAsync),
    ];

    private static async Task<Finding> UpsertAsync(ProbedAccount account)
    {
        var (sku, properties) = (account.Mark(), await account.NewAsync(ObjectType.Products));
        var first = await account.UpsertAsync(ObjectType.Products, "hs_sku", sku, properties);
        var second = await account.UpsertAsync(ObjectType.Products, "hs_sku", sku, properties);
        return new($"{Told(first)}, then {Told(second)}", first.IsSuccess ? "" : first.Telling);
    }

    private static async Task<Finding> GetAsync(ProbedAccount account)
    {
        var sku = account.Mark();
        await account.MakeAsync(ObjectType.Products, ("hs_sku", sku));
        return Finding.Of(await account.GetAsync(HubSpotApi.Objects(ObjectType.Products, $"/{sku}?idProperty=hs_sku")));
    }

    private static async Task<Finding> EmptyAsync(ProbedAccount account)
    {
        var without = await account.NewAsync(ObjectType.Products);
        var empty = await account.NewAsync(ObjectType.Products, ("hs_sku", ""));
        var inputs = NoSkus.Select((kind, n) => new { properties = kind == "none" ? without : empty, objectWriteTraceId = $"{n}" });
        var answer = await account.PostAsync(HubSpotApi.Objects(ObjectType.Products, "/batch/create"), new { inputs });
        return new($"{answer.Said}, {answer.Results.Count} made", answer.Status == 201 ? "" : answer.Telling);
    }

    private static async Task<Finding> TakenAsync(ProbedAccount account)
    {
        var sku = account.Mark();
        await account.MakeAsync(ObjectType.Products, ("hs_sku", sku));
        var properties = await account.NewAsync(ObjectType.Products, ("hs_sku", sku));
        return Finding.Of(await account.PostAsync(HubSpotApi.Objects(ObjectType.Products), new { properties }));
    }

    private static string Told(Answer answer) => Answer.TextOf(answer.First?["new"]) switch
    {
        "true" => $"{answer.Said} new",
        "false" => $"{answer.Said} not new",
        _ => answer.Said,
    };
}
