using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples.Northwind;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>An account that is not empty when it is connected: nothing in it is made a second time.</summary>
public sealed class AdoptionTests
{
    private const int CompaniesThere = 60;
    private const int ProductsThere = 40;

    [Fact]
    public async Task A_portal_with_60_companies_their_contacts_and_40_products_ends_with_91_91_and_77_and_the_ambiguous_one_is_parked()
    {
        var files = NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data"));
        var (companies, customers, products) = (Nodes(files.Companies), Nodes(files.Customers), Nodes(files.Products));
        foreach (var customer in customers.Where((_, i) => i % 2 == 0))
            customer["email"] = $"{((string)customer["id"]!).ToLowerInvariant()}@example.com";

        await using var installation = await AnInstallation.ConnectedAsync(before: simulator => FillAsync(simulator, companies, customers, products));
        var setUp = installation.Simulator.Calls.Total;
        var calls = await installation.CallsOfAsync(async () =>
        {
            await installation.Hub.UploadAsync($"{installation.Company}/records/companies", companies);
            await installation.Hub.UploadAsync($"{installation.Company}/records/customers", customers);
            await installation.Hub.UploadAsync($"{installation.Company}/records/products", products);
        });

        // ALFKI's company was there twice under one name: it and its contact wait for a person.
        var parked = await installation.TransferOfAsync("companies", "ALFKI");
        ((string?)parked["state"]).ShouldBe("parked");
        var there = (await installation.Account.RecordsAsync("companies")).Where(c => c["name"] == "Alfreds Futterkiste").Select(c => c.Id).ToList();
        there.Count.ShouldBe(2);
        foreach (var candidate in there)
            ((string?)parked["problems"]![0]!["message"])!.ShouldContain(candidate);
        (await ParkedAsync(installation)).ShouldBe(2);

        await OnceAsync(installation, "companies", "hub_company_id", files.CustomerIds, but: "ALFKI", extra: 2);
        await OnceAsync(installation, "contacts", "hub_customer_id", files.CustomerIds, but: "ALFKI", extra: 1);
        var skus = (await installation.Account.RecordsAsync("products")).Select(p => p["hs_sku"]).ToList();
        (skus.Count, skus.Distinct().Count()).ShouldBe((77, 77));
        calls.ShouldBeLessThanOrEqualTo(12, string.Join(", ", installation.Simulator.Calls.Read(TimeSpan.FromMinutes(5)).ByKind));
        setUp.ShouldBeLessThanOrEqualTo(16);

        // A person says which one it is; the retry finds it, and 91 of each are there with the hub's keys.
        await installation.DeleteInHubSpotAsync("companies", there[1]);
        await installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { all = true });
        await installation.SettledAsync();
        await OnceAsync(installation, "companies", "hub_company_id", files.CustomerIds);
        await OnceAsync(installation, "contacts", "hub_customer_id", files.CustomerIds);
        (await ParkedAsync(installation)).ShouldBe(0);
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task What_was_adopted_is_not_written_again_and_its_contact_belongs_to_the_company()
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: async simulator =>
        {
            await AnInstallation.CreateInHubSpotAsync(simulator, "companies", """{"properties":{"name":"FIRM  F1"}}""");
            await AnInstallation.CreateInHubSpotAsync(simulator, "contacts", """{"properties":{"email":"ANN@Example.com","firstname":"Anna"}}""");
        });
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await CallBudgetTests.PutAsync(installation, "customers", "C1", Shop.Customer("C1", "F1", "ann@example.com"));
        await installation.SettledAsync();

        var contact = (await installation.Account.RecordsAsync("contacts")).Single();
        (contact["firstname"], contact["hub_customer_id"]!.Split(':')[^1]).ShouldBe(("Ann", "C1"));
        contact.To("companies").ShouldBe([(await installation.Account.RecordsAsync("companies")).Single().Id]);
        (await installation.CallsOfAsync(() => CallBudgetTests.PutAsync(installation, "customers", "C1", Shop.Customer("C1", "F1", "ann@example.com")))).ShouldBe(0);
    }

    [Fact]
    public async Task Two_that_may_be_the_one_and_that_somebody_merged_as_the_reason_says_are_one_and_it_is_taken_up()
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: async simulator =>
        {
            for (var n = 0; n < 2; n++)
                await AnInstallation.CreateInHubSpotAsync(simulator, "companies", """{"properties":{"name":"Firm F1"}}""");
        });
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await installation.SettledAsync();
        ((string?)(await installation.TransferOfAsync("companies", "F1"))["state"]).ShouldBe("parked");
        var there = (await installation.Account.RecordsAsync("companies")).Select(c => c.Id).ToList();

        var survivor = await installation.MergeInHubSpotAsync("companies", there[0], there[1]);
        await installation.Hub.PostAsync($"{installation.Subscription}/transfers/retry", new { all = true });
        await installation.SettledAsync();

        await OneAsync(installation, "companies", survivor, "hub_company_id", "F1");
    }

    [Theory]
    [InlineData("companies", "F1", "hub_company_id", """{"properties":{"name":"Firm F1"}}""", """{"properties":{"name":"Other"}}""")]
    [InlineData("contacts", "C1", "hub_customer_id", """{"properties":{"email":"c1@example.com"}}""", """{"properties":{"email":"c1.old@example.com"}}""")]
    public async Task One_that_was_merged_after_the_account_was_connected_is_taken_up_under_its_new_id(string type, string id, string key, string ours, string other)
    {
        var (found, second) = ("", "");
        await using var installation = await AnInstallation.ConnectedAsync(before: async simulator =>
        {
            found = await AnInstallation.CreateInHubSpotAsync(simulator, type, ours);
            second = await AnInstallation.CreateInHubSpotAsync(simulator, type, other);
        });
        var survivor = await installation.MergeInHubSpotAsync(type, found, second);

        await CallBudgetTests.PutAsync(installation, type == "contacts" ? "customers" : type, id,
            type == "contacts" ? Shop.Customer(id, null, "c1@example.com") : Shop.Company(id));
        await installation.SettledAsync();

        await OneAsync(installation, type, survivor, key, id);
    }

    private static async Task OneAsync(AnInstallation installation, string type, string hubSpotId, string key, string id)
    {
        var record = (await installation.Account.RecordsAsync(type)).ShouldHaveSingleItem();
        (record.Id, record[key]!.Split(':')[^1]).ShouldBe((hubSpotId, id));
        (await ParkedAsync(installation)).ShouldBe(0);
        await installation.NoDeadLettersAsync();
    }

    private static async Task FillAsync(SimulatorHost simulator, List<JsonObject> companies, List<JsonObject> customers, List<JsonObject> products)
    {
        foreach (var (company, customer, i) in companies.Zip(customers).Take(CompaniesThere).Select((pair, i) => (pair.First, pair.Second, i)))
        {
            var id = await AnInstallation.CreateInHubSpotAsync(simulator, "companies", Json(new { name = Respelled((string)company["name"]!, i) }));
            object person = customer["email"] is { } email
                ? new { email = ((string)email!).ToUpperInvariant(), lastname = "somebody" }
                : new { firstname = Respelled((string)customer["firstName"]!, i), lastname = Respelled((string?)customer["lastName"] ?? "", i) };
            await AnInstallation.CreateInHubSpotAsync(simulator, "contacts", $$"""
                {"properties":{{JsonSerializer.Serialize(person)}},"associations":[{"to":{"id":"{{id}}"},
                 "types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":1},{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}]}]}
                """);
        }

        await AnInstallation.CreateInHubSpotAsync(simulator, "companies", Json(new { name = (string)companies[0]["name"]! }));
        foreach (var product in products.Take(ProductsThere))
            await AnInstallation.CreateInHubSpotAsync(simulator, "products", Json(new { name = "old name", hs_sku = (string)product["sku"]! }));
        simulator.Calls.Reset();
    }

    private static string Respelled(string text, int i) => (i % 3) switch
    {
        1 => text.ToUpperInvariant(),
        2 => text.Replace(" ", "  ", StringComparison.Ordinal).Replace('é', 'e').Replace('ó', 'o'),
        _ => text,
    };

    private static async Task OnceAsync(
        AnInstallation installation, string type, string key, IEnumerable<string> ids, string? but = null, int extra = 0)
    {
        var records = await installation.Account.RecordsAsync(type);
        records.Where(r => !string.IsNullOrEmpty(r[key])).Select(r => r[key]!.Split(':')[^1]).Order().ShouldBe(ids.Where(id => id != but).Order());
        records.Count(r => string.IsNullOrEmpty(r[key])).ShouldBe(extra);
    }

    private static async Task<int> ParkedAsync(AnInstallation installation) =>
        AnInstallation.Parked(await installation.Hub.GetAsync($"{installation.Subscription}/summary"));

    private static List<JsonObject> Nodes(IEnumerable<object> records) => [.. records.Select(r => (JsonObject)JsonSerializer.SerializeToNode(r)!)];

    private static string Json(object properties) => JsonSerializer.Serialize(new { properties });
}
