using HubSpotBus.Samples.Northwind;
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
    private static readonly NorthwindFiles Files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));

    public static readonly IReadOnlyList<DataSet> All =
    [
        new("Northwind", 0, LoadNorthwindAsync, async installation =>
        [
            .. await installation.Account.DifferencesAsync(Files),
            .. await CountsAsync(installation, ("companies", 91), ("contacts", 91), ("products", 77), ("orders", 830), ("line_items", 2155)),
        ]),
        new("one bad row in 100", 1, LoadBadRowAsync, async installation => await CountsAsync(installation, ("contacts", 99))),
    ];

    private static async Task LoadNorthwindAsync(AnInstallation installation)
    {
        await installation.Hub.UploadAsync($"{installation.Company}/records/companies", Files.Companies);
        await installation.Hub.UploadAsync($"{installation.Company}/records/customers", Files.Customers);
        await installation.Hub.UploadAsync($"{installation.Company}/records/products", Files.Products);
        await installation.Hub.UploadAsync($"{installation.Company}/records/transactions", Files.Orders.Select(o => o.ToRecord()));
    }

    // The last one has an e-mail address that the first one has already.
    private static async Task LoadBadRowAsync(AnInstallation installation) => await installation.Hub.UploadAsync(
        $"{installation.Company}/records/customers",
        [
            .. Enumerable.Range(1, 99).Select(n => Shop.Customer($"C{n}", null, $"c{n}@example.com")),
            Shop.Customer("C100", null, "c1@example.com"),
        ]);

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
