using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>What accounts can do, and several hubs on one of them.</summary>
public sealed class AccountTests
{
    [Fact]
    public async Task What_the_account_can_do_is_shown_and_found_out_again_on_demand()
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { UniquePropertiesTaken = ["products"], UniquePropertiesRefused = ["line_items"] });
            return Task.CompletedTask;
        });
        var account = await AccountAsync(installation);
        Texts(account["currencies"]).ShouldBe(["USD"]);
        Texts(account["keysNotUnique"]).ShouldBe(["products", "line_items"]);
        Texts(account["objectTypes"]).ShouldContain("orders");
        ((int)account["callsPerTenSeconds"]!).ShouldBe(110);
        ((string?)account["scopes"])!.ShouldContain("crm.objects.orders.write");
        (await installation.PageAsync("/")).ShouldContain(
            "Currencies USD; US/Eastern; 110 calls in ten seconds; written: companies, contacts, products, orders, line_items; without unique keys: products, line_items");

        // Somebody makes room and deletes the property that is not unique: the next probe makes it anew, unique.
        installation.Simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches());
        await installation.DeletePropertyInHubSpotAsync("products", "hub_product_id");
        await installation.Hub.PostAsync($"{installation.Subscription}/connection/probe", new { });
        await ServiceUnderTest.UntilAsync(
            async () => Texts((await AccountAsync(installation))["keysNotUnique"]) is ["line_items"], "the account is probed again");
        ((string?)(await installation.Hub.GetAsync($"{installation.Subscription}/connection"))["state"]).ShouldBe("connected");
        await installation.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scope_that_is_taken_away_pauses_the_subscription_and_names_it_and_all_arrives_once_it_is_granted_again(bool onTop)
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        var account = long.Parse(NorthwindFiles.HubSpotAccountId, null);
        installation.Simulator.Switch(account, new PortalSwitches { ScopesWithheld = ["crm.objects.orders.write"], MissingScopesOnTop = onTop });
        await installation.Hub.PutAsync($"{installation.Company}/records/products/P1", Shop.Product("P1", "SKU-1"));
        await installation.Hub.PutAsync($"{installation.Company}/records/transactions/T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10)));

        await ServiceUnderTest.UntilAsync(async () => (string?)(await ConnectionAsync())["state"] == "paused", "the subscription is paused");
        ((string?)(await ConnectionAsync())["reason"]).ShouldNotBeNull().ShouldContain("lacks the scope crm.objects.orders.write");

        installation.Simulator.Switch(account, new PortalSwitches());
        await AnInstallation.ReconnectAsync(installation.Hub, installation.Subscription, NorthwindFiles.HubSpotAccountId);
        await installation.SettledAsync();
        (await installation.Account.RecordsAsync("orders")).ShouldHaveSingleItem().To("line_items").Count.ShouldBe(1);
        ((string?)(await installation.TransferOfAsync("transactions", "T1"))["state"]).ShouldBe("transferred");
        await installation.NoDeadLettersAsync();

        Task<JsonNode> ConnectionAsync() => installation.Hub.GetAsync($"{installation.Subscription}/connection");
    }

    [Fact]
    public async Task What_an_accounts_administrators_require_parks_the_records_that_lack_it_and_names_it()
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches
            {
                RequiredByAdministrators = new Dictionary<string, IReadOnlyList<string>> { ["contacts"] = ["jobtitle"] },
            });
            return Task.CompletedTask;
        });

        await installation.Hub.UploadAsync($"{installation.Company}/records/customers",
        [
            new { id = "C1", firstName = "Ann", lastName = "Lee", email = "ann@example.com", jobTitle = "Baker" },
            Shop.Customer("C2", null, "bob@example.com"),
        ]);
        await installation.SettledAsync();

        (await installation.Account.RecordsAsync("contacts")).Select(c => c["email"]).ShouldBe(["ann@example.com"]);
        var parked = await installation.TransferOfAsync("customers", "C2");
        ((string?)parked["state"], (string?)parked["problems"]![0]!["field"]).ShouldBe(("parked", "jobtitle"));
        ((string)parked["problems"]![0]!["message"]!).ShouldContain("This HubSpot account requires \"jobtitle\"");
    }

    [Fact]
    public async Task Two_hubs_on_one_account_with_the_same_ids_emails_and_SKUs_overwrite_nothing_of_each_other()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        var (other, otherSubscription) = await AnInstallation.SubscribeAsync(installation.Hub, installation.Simulator);
        await LoadAsync(installation, installation.Company, installation.Subscription, "First");
        await LoadAsync(installation, other, otherSubscription, "Second");

        // The e-mail address and the SKU are one in HubSpot: the second hub refers to what the first one wrote.
        var contact = (await installation.Account.RecordsAsync("contacts")).Single();
        contact["firstname"].ShouldBe("First");
        (await installation.Account.RecordsAsync("products")).Single()["name"].ShouldBe("First thing");
        (await installation.Account.RecordsAsync("companies")).Select(c => c["name"]).Order().ShouldBe(["First firm", "Second firm"]);
        var orders = await installation.Account.RecordsAsync("orders");
        orders.Select(o => o["hs_total_price"]).ShouldBe(["20", "20"]);
        orders.ShouldAllBe(o => o.To("line_items").Count == 1);
        orders.ShouldAllBe(o => o.To("contacts").Single() == contact.Id);
        orders.Select(o => o.To("companies").Single()).Distinct().Count().ShouldBe(2);

        // Written again by the second hub, the first one's stay as they are.
        await LoadAsync(installation, other, otherSubscription, "Third");
        (await installation.Account.RecordsAsync("contacts")).Single()["firstname"].ShouldBe("First");
        (await installation.Account.RecordsAsync("products")).Single()["name"].ShouldBe("First thing");
        installation.Simulator.Calls.Answered(429).ShouldBe(0);
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Two_subscriptions_of_one_company_on_one_account_overwrite_nothing_of_each_other_and_keep_its_limit_together()
    {
        // So few calls that the two have to share them.
        await using var installation = await AnInstallation.ConnectedAsync(hubSpot: new SimulatorOptions { OAuthCallsPerTenSeconds = 40 });
        var (hub, company, first) = (installation.Hub, installation.Company, installation.Subscription);
        var second = await AnInstallation.SubscribeAsync(hub, installation.Simulator, company, new { name = "HubSpot - Second" });

        await LoadAsync("First");
        await LoadAsync("Second");

        // Whoever was first writes the contact and the product, for both: the other one refers to them and writes its own company and order.
        var contact = (await installation.Account.RecordsAsync("contacts")).ShouldHaveSingleItem();
        var product = (await installation.Account.RecordsAsync("products")).ShouldHaveSingleItem();
        (contact["firstname"], product["name"]).ShouldBe(("Second", "Second thing"));
        var orders = await installation.Account.RecordsAsync("orders");
        orders.Select(o => o["hub_transaction_id"]).Distinct().Count().ShouldBe(2);
        orders.Select(o => o["hs_total_price"]).ShouldBe(["20", "20"]);
        orders.ShouldAllBe(o => o.To("line_items").Count == 1 && o.To("contacts").Single() == contact.Id && o.To("companies").Count == 1);
        var companies = await installation.Account.RecordsAsync("companies");
        companies.Select(c => c["hub_company_id"]).Distinct().Count().ShouldBe(companies.Count);
        companies.ShouldAllBe(c => c["name"] == "Second firm");
        (await installation.Account.RecordsAsync("line_items")).ShouldAllBe(l => l["hs_product_id"] == product.Id);

        installation.Simulator.Calls.Total.ShouldBeGreaterThan(40);
        installation.Simulator.Calls.Answered(429).ShouldBe(0);
        await installation.NoDeadLettersAsync();

        async Task LoadAsync(string who)
        {
            await AccountTests.LoadAsync(installation, company, first, who);
            AnInstallation.Parked(await AnInstallation.SettledAsync(hub, second)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task An_order_of_another_hub_is_never_shared_even_where_its_external_id_is_unique()
    {
        await using var installation = await AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), new PortalSwitches { ExternalOrderIdIsUnique = true });
            return Task.CompletedTask;
        });
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await CallBudgetTests.PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10)));
        await installation.SettledAsync();
        var (other, otherSubscription) = await AnInstallation.SubscribeAsync(installation.Hub, installation.Simulator);

        await installation.Hub.PutAsync($"{other}/records/products/P1", Shop.Product("P1", "SKU-1"));
        await installation.Hub.PutAsync($"{other}/records/transactions/T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 99)));
        await AnInstallation.SettledAsync(installation.Hub, otherSubscription);

        var parked = ((JsonArray)(await installation.Hub.GetAsync($"{otherSubscription}/transfers?state=parked"))["items"]!).ShouldHaveSingleItem()!;
        ((string?)parked["problems"]![0]!["field"]).ShouldBe("hs_external_order_id");
        (await installation.Account.RecordsAsync("orders")).ShouldHaveSingleItem()["hs_total_price"].ShouldBe("10");
        (await installation.Account.RecordsAsync("line_items")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_company_of_another_hub_is_parked_where_the_setting_says_so_and_taken_over_once_somebody_has_emptied_its_key()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        await CallBudgetTests.PutAsync(installation, "companies", "F1", Shop.Company("F1"));
        await installation.SettledAsync();
        var theirs = (await installation.Account.RecordsAsync("companies")).Single();
        var (other, otherSubscription) = await AnInstallation.SubscribeAsync(installation.Hub, installation.Simulator, new { recordsOfOtherHubs = "Park" });

        await installation.Hub.PutAsync($"{other}/records/companies/F1", Shop.Company("F1"));
        AnInstallation.Parked(await AnInstallation.SettledAsync(installation.Hub, otherSubscription)).ShouldBe(1);
        var parked = ((JsonArray)(await installation.Hub.GetAsync($"{otherSubscription}/transfers?state=parked"))["items"]!).Single()!;
        ((string)parked["problems"]![0]!["message"]!).ShouldStartWith(
            $"HubSpot's record {theirs.Id} belongs to another hub (hub_company_id = \"{theirs["hub_company_id"]}\").");

        await installation.ChangeInHubSpotAsync("companies", theirs.Id, """{"properties":{"hub_company_id":""}}""");
        await installation.Hub.PostAsync($"{otherSubscription}/transfers/retry", new { all = true });
        AnInstallation.Parked(await AnInstallation.SettledAsync(installation.Hub, otherSubscription)).ShouldBe(0);
        var ours = (await installation.Account.RecordsAsync("companies")).Single();
        ours.Id.ShouldBe(theirs.Id);
        ours["hub_company_id"]!.ShouldEndWith(":F1");
        ours["hub_company_id"].ShouldNotBe(theirs["hub_company_id"]);
        await installation.NoDeadLettersAsync();
    }

    [Fact]
    public async Task An_account_without_orders_is_refused_with_what_to_do() =>
        await RefusedAsync(new PortalSwitches { Orders = OrdersObject.UnknownType }, "orders", "become Deal");

    [Fact]
    public async Task An_account_that_grants_no_orders_is_refused_with_the_scope_and_what_to_do() =>
        await RefusedAsync(new PortalSwitches { Orders = OrdersObject.MissingScopes }, "orders", "scope", "connect again");

    [Fact]
    public async Task An_account_that_grants_no_definitions_of_line_items_is_refused_with_the_scope_and_what_to_do() =>
        await RefusedAsync(new PortalSwitches { ScopesWithheld = ["crm.schemas.line_items.write"] }, "line_items", "scope", "connect again");

    private static async Task RefusedAsync(PortalSwitches switches, params string[] words)
    {
        var refused = await Record.ExceptionAsync(() => AnInstallation.ConnectedAsync(before: simulator =>
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null), switches);
            return Task.CompletedTask;
        }));
        foreach (var word in words)
            refused.ShouldBeOfType<ShouldAssertException>().Message.ShouldContain(word);
    }

    private static async Task LoadAsync(AnInstallation installation, string company, string subscription, string who)
    {
        var hub = installation.Hub;
        await hub.PutAsync($"{company}/records/companies/F1", new { id = "F1", name = $"{who} firm" });
        await hub.PutAsync($"{company}/records/customers/C1", new { id = "C1", firstName = who, lastName = "One", email = "one@example.com", companyId = "F1" });
        await hub.PutAsync($"{company}/records/products/P1", new { id = "P1", sku = "SKU-1", name = $"{who} thing", price = 10 });
        await hub.PutAsync($"{company}/records/transactions/T1", new
        {
            id = "T1", number = "T1", customerId = "C1", companyId = "F1", currency = "USD", total = 20, lines = new[] { Shop.Line("1", "SKU-1", 2, 10) },
        });
        AnInstallation.Parked(await AnInstallation.SettledAsync(hub, subscription)).ShouldBe(0);
    }

    private static async Task<JsonNode> AccountAsync(AnInstallation installation) =>
        (await installation.Hub.GetAsync($"{installation.Subscription}/connection"))["account"]!;

    private static List<string> Texts(JsonNode? array) => [.. ((JsonArray)array!).Select(n => (string)n!)];
}
