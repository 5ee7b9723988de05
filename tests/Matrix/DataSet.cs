using System.Text.Json.Nodes;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Samples.Shop;
using HubSpotBus.Standalone.Tests;

namespace HubSpotBus.Matrix;

/// <summary>Records to upload, and what is to be in HubSpot then.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Parked">How many transfers are to be parked.</param>
/// <param name="LoadAsync">Uploads it.</param>
/// <param name="WrongAsync">Says what is lost, doubled or tied wrongly.</param>
internal sealed record DataSet(
    string Name, int Parked, Func<AnInstallation, Task> LoadAsync, Func<AnInstallation, Task<IReadOnlyList<string>>> WrongAsync)
{
    /// <summary>The account that it goes to.</summary>
    public string AccountId { get; init; } = NorthwindFiles.HubSpotAccountId;

    /// <summary>Settings of its subscription that are not the default.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>True when its transactions become deals: it needs no orders.</summary>
    public bool AsDeals { get; init; }

    /// <summary>So few that a share of them may be none: the first calls fail instead, one in each way.</summary>
    public bool HasFewCalls { get; init; }

    private static readonly NorthwindFiles Files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));

    public static readonly IReadOnlyList<DataSet> All =
    [
        new("Northwind", 0, installation => AnInstallation.UploadAsync(installation.Hub, installation.Company, Files.ToDemo()), async installation =>
        [
            .. await NorthwindCheck.DifferencesAsync(installation.Account, Files),
            .. await CountsAsync(installation, ("companies", 91), ("contacts", 91), ("products", 77), ("orders", 830), ("line_items", 2155)),
        ]),
        new("one bad row in 100", 1, LoadBadRowAsync, async installation =>
        [
            .. await CountsAsync(installation, ("contacts", 99)),
            .. await ParkedForAsync(installation, "email", "c1@example.com"),
        ]) { HasFewCalls = true },
        new("one bad edit in 100", 1, LoadBadEditAsync, async installation =>
        [
            .. await CountsAsync(installation, ("contacts", 100)),
            .. (await installation.Account.RecordsAsync("contacts")).Where(c => (c["firstname"] == "Anna") == (c["email"] == "c100@example.com")).Select(c => $"{c["email"]} is {c["firstname"]}"),
            .. await ParkedForAsync(installation, "email", "c1@example.com"),
        ]) { HasFewCalls = true },
        new("merged between two loads", 0, LoadMergedAsync, WrongAfterMergesAsync) { HasFewCalls = true },
        CornerShopAs("corner shop", asDeals: false),
        CornerShopAs("corner shop as deals", asDeals: true),
    ];

    // Checked whole: what there is too many of is found, too.
    private static DataSet CornerShopAs(string name, bool asDeals)
    {
        var shop = CornerShop.Open().ToDemo(asDeals);
        return new(name, 0, installation => AnInstallation.UploadAsync(installation.Hub, installation.Company, shop),
            installation => shop.DifferencesAsync(installation.Account))
        {
            AccountId = CornerShop.HubSpotAccountId, Settings = shop.Settings, AsDeals = asDeals,
        };
    }

    // The last one has an e-mail address that the first one has already.
    private static async Task LoadBadRowAsync(AnInstallation installation) => await installation.Hub.UploadAsync(
        $"{installation.Company}/records/customers",
        [
            .. Enumerable.Range(1, 99).Select(n => Shop.Customer($"C{n}", null, $"c{n}@example.com")),
            Shop.Customer("C100", null, "c1@example.com"),
        ]);

    // All hundred get another first name, and the last one the e-mail address of the first.
    private static async Task LoadBadEditAsync(AnInstallation installation)
    {
        await installation.Hub.UploadAsync($"{installation.Company}/records/customers", Enumerable.Range(1, 100).Select(n => Shop.Customer($"C{n}", null, $"c{n}@example.com")));
        await installation.SettledAsync();
        await installation.Hub.UploadAsync($"{installation.Company}/records/customers",
            Enumerable.Range(1, 100).Select(n => new { id = $"C{n}", firstName = "Anna", lastName = $"C{n}", email = $"c{n % 100 + n / 100}@example.com" }));
    }

    // A customer, a company and an order are merged into others; then these change, and another order goes to that customer and company.
    private static async Task LoadMergedAsync(AnInstallation installation)
    {
        await UploadAsync(installation, "Ann", "Firm", 2, "2");
        await installation.SettledAsync();
        await installation.NothingComesLateAsync();
        foreach (var (type, key, other) in new[]
        {
            ("contacts", "hub_customer_id", """{"properties":{"email":"other@example.com"}}"""),
            ("companies", "hub_company_id", """{"properties":{"name":"Other"}}"""),
            ("orders", "hub_transaction_id", """{"properties":{"hs_order_name":"Other","hs_total_price":"1"}}"""),
        })
        {
            var ours = (await installation.Account.RecordsAsync(type)).First(r => r.HubId(key)?.EndsWith('1') == true);
            await installation.MergeInHubSpotAsync(type, await installation.CreateInHubSpotAsync(type, other), ours.Id);
        }

        await UploadAsync(installation, "Anna", "New firm", 5, "1");
    }

    private static async Task UploadAsync(AnInstallation installation, string firstName, string name, decimal quantity, string second)
    {
        await installation.Hub.UploadAsync($"{installation.Company}/records/companies", [new { id = "F1", name }, new { id = "F2", name = "Second firm" }]);
        await installation.Hub.UploadAsync($"{installation.Company}/records/customers",
            [new { id = "C1", firstName, lastName = "One", email = "ann@example.com", companyId = "F1" }, Shop.Customer("C2", "F2", "bob@example.com")]);
        await installation.Hub.UploadAsync($"{installation.Company}/records/products", [Shop.Product("P1", "SKU-1")]);
        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions",
        [
            Order("T1", "1", Shop.Line("1", "SKU-1", quantity, 10), Shop.Line("2", "SKU-1", 1, 5)),
            Order("T2", second, Shop.Line("1", "SKU-1", 1, 10)),
        ]);

        static object Order(string id, string of, params Shop.ShopLine[] lines) => new
        {
            id, number = id, customerId = $"C{of}", companyId = $"F{of}", currency = "USD", total = lines.Sum(l => l.quantity * l.unitPrice), lines,
        };
    }

    private static async Task<IReadOnlyList<string>> WrongAfterMergesAsync(AnInstallation installation)
    {
        var wrong = new List<string>(await CountsAsync(installation, ("companies", 2), ("contacts", 2), ("products", 1), ("orders", 2), ("line_items", 3)));
        if (wrong.Count > 0)
            return wrong;
        var contact = (await installation.Account.RecordsAsync("contacts")).Single(c => c["email"] == "ann@example.com");
        var company = (await installation.Account.RecordsAsync("companies")).Single(c => c["name"] != "Second firm");
        if ((contact["firstname"], company["name"]) is not ("Anna", "New firm"))
            wrong.Add($"contact and company are {contact["firstname"]} and {company["name"]}");
        foreach (var order in await installation.Account.RecordsAsync("orders"))
        {
            if (!order.To("contacts").SequenceEqual([contact.Id]) || !order.To("companies").SequenceEqual([company.Id]))
                wrong.Add($"order {order["hs_external_order_id"]} belongs to others");
            if ((order["hs_total_price"], order.To("line_items").Count) is not (("55", 2) or ("10", 1)))
                wrong.Add($"order {order["hs_external_order_id"]} has {order.To("line_items").Count} lines and the total {order["hs_total_price"]}");
        }

        return wrong;
    }

    private static async Task<IReadOnlyList<string>> ParkedForAsync(AnInstallation installation, string field, string value)
    {
        var problems = ((JsonArray)(await installation.Hub.GetAsync($"{installation.Subscription}/transfers?state=parked"))["items"]!)
            .SelectMany(t => t!["problems"]!.AsArray()).ToList();
        return [.. problems.Where(p => (string?)p!["field"] != field || (string?)p["value"] != value).Select(p => $"parked for another reason: {p!.ToJsonString()}")];
    }

    private static async Task<IReadOnlyList<string>> CountsAsync(AnInstallation installation, params (string Type, int Expected)[] counts)
    {
        var wrong = new List<string>();
        foreach (var (type, expected) in counts)
        {
            var found = (await installation.Account.RecordsAsync(type)).Count;
            if (found != expected)
                wrong.Add($"{found} {type} instead of {expected}");
        }

        return wrong;
    }
}
