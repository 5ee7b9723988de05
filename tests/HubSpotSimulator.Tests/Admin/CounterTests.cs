using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Admin;

public sealed class CounterTests
{
    [Fact]
    public async Task Every_call_of_the_API_counts_and_nothing_else_does()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.ConnectAsync();
        await simulator.GetAsync("/crm/properties/2026-09/orders");
        await simulator.PostAsync("/crm/v3/objects/0-1/batch/create",
            new { inputs = new[] { new { properties = new { email = "ann@example.com" } } } });
        await simulator.GetAsync("/crm/objects/2026-09/contacts/17");
        await simulator.GetAsync("/crm/lists/2026-09/some");
        await simulator.GetAsync("/");

        var counters = (await simulator.GetAsync("/_simulator/counters")).Body;

        ((int)counters["total"]!).ShouldBe(5);
        counters["byKind"]!.AsObject().ToDictionary(k => k.Key, k => (int)k.Value!).ShouldBe(new Dictionary<string, int>
        {
            ["contacts.batch.create"] = 1, ["contacts.get"] = 1, ["oauth.token"] = 1, ["properties.list"] = 1, ["unknown"] = 1,
        });
        counters["byStatus"]!.AsObject().ToDictionary(k => k.Key, k => (int)k.Value!).ShouldBe(new Dictionary<string, int>
        {
            ["200"] = 2, ["201"] = 1, ["404"] = 2,
        });
        ((int)counters["maxAtOnce"]!).ShouldBe(1);
    }

    [Fact]
    public async Task The_densest_window_is_found_wherever_it_lies()
    {
        await using var simulator = await ASimulator.StartAsync();
        foreach (var pause in new[] { 0, 40, 30, 1, 1, 100 })
        {
            simulator.Time.Advance(TimeSpan.FromSeconds(pause));
            await simulator.GetAsync("/account-info/2026-09/details");
        }

        ((int)(await simulator.GetAsync("/_simulator/counters?windowSeconds=60")).Body["maxInSlidingWindow"]!).ShouldBe(4);
        ((int)(await simulator.GetAsync("/_simulator/counters?windowSeconds=10")).Body["maxInSlidingWindow"]!).ShouldBe(3);
    }

    [Fact]
    public async Task Each_account_has_counts_of_its_own_with_the_OAuth_calls_about_its_tokens()
    {
        await using var simulator = await ASimulator.StartAsync();
        var shops = await simulator.RedeemAsync((await simulator.ConsentAsync("approve", "23456789"))["code"]);
        var northwinds = simulator.Token;
        simulator.Token = (string)shops.Body["access_token"]!;
        await simulator.RefreshAsync((string)shops.Body["refresh_token"]!);
        await simulator.GetAsync("/crm/objects/2026-09/contacts/17");
        await simulator.SendAsync(HttpMethod.Put, "/_simulator/latency", new { milliseconds = 1000 });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.WhenAll(
            simulator.GetAsync("/account-info/2026-09/details"), GetAsync(simulator, northwinds))));
        simulator.Token = "nobody's";
        await simulator.GetAsync("/account-info/2026-09/details");

        var (all, shop, northwind) = (await CountersAsync(simulator, "counters"),
            await CountersAsync(simulator, "portals/23456789/counters?windowSeconds=60"), await CountersAsync(simulator, "portals/12345678/counters"));

        ((int)all["total"]!, (int)shop["total"]!, (int)northwind["total"]!).ShouldBe((10, 6, 3));
        ((int)shop["maxInSlidingWindow"]!, (int)northwind["maxInSlidingWindow"]!).ShouldBe((6, 3));
        shop["byKind"]!.AsObject().ToDictionary(k => k.Key, k => (int)k.Value!).ShouldBe(new Dictionary<string, int>
        {
            ["account-info"] = 3, ["contacts.get"] = 1, ["oauth.token"] = 2,
        });
        shop["byStatus"]!.AsObject().ToDictionary(k => k.Key, k => (int)k.Value!).ShouldBe(new Dictionary<string, int> { ["200"] = 5, ["404"] = 1 });
        ((int)shop["maxAtOnce"]!).ShouldBeInRange(2, 3);
        ((int)northwind["maxAtOnce"]!).ShouldBeInRange(2, 3);
        ((int)all["maxAtOnce"]!).ShouldBeGreaterThan(3);
        await simulator.PostAsync("/_simulator/counters/reset");
        ((int)(await CountersAsync(simulator, "portals/23456789/counters"))["total"]!).ShouldBe(0);
        (await simulator.GetAsync("/_simulator/portals/1/counters")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Calls_at_the_same_moment_are_seen()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.SendAsync(HttpMethod.Put, "/_simulator/latency", new { milliseconds = 1000 });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => simulator.GetAsync("/account-info/2026-09/details")));

        ((int)(await simulator.GetAsync("/_simulator/counters")).Body["maxAtOnce"]!).ShouldBeGreaterThan(1);
        ((int)(await simulator.GetAsync("/_simulator/latency")).Body["milliseconds"]!).ShouldBe(1000);
    }

    [Fact]
    public async Task Counters_can_be_set_to_nothing_and_so_can_everything()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.MakeOrderAsync();

        await simulator.PostAsync("/_simulator/counters/reset");
        ((int)(await simulator.GetAsync("/_simulator/counters")).Body["total"]!).ShouldBe(0);
        (await simulator.RecordsAsync("orders")).Count.ShouldBe(1);

        await simulator.PostAsync("/_simulator/reset");
        (await simulator.RecordsAsync("orders")).ShouldBeEmpty();
    }

    private static async Task<JsonObject> CountersAsync(ASimulator simulator, string path) => (await simulator.GetAsync($"/_simulator/{path}")).Body;

    private static async Task GetAsync(ASimulator simulator, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account-info/2026-09/details");
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await simulator.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Portals_and_their_records_can_be_seen()
    {
        await using var simulator = await ASimulator.StartAsync();
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        var order = await simulator.PostAsync("/crm/objects/2026-09/orders", new
        {
            properties = new { hs_order_name = "1", hs_total_price = 12.5 },
            associations = new[] { Crm.AssociationTests.To(contact, 507) },
        });

        var portals = (JsonArray)JsonNode.Parse((await simulator.GetAsync("/_simulator/portals")).Text)!;
        var record = (await simulator.RecordsAsync("orders")).Single()!;
        var page = await simulator.GetAsync("/");

        portals.Select(p => (long)p!["id"]!).ShouldBe([12345678, 87654321, 23456789]);
        ((int)portals[0]!["records"]!["orders"]!).ShouldBe(1);
        ((string)record["id"]!, (string)record["properties"]!["hs_total_price"]!).ShouldBe(((string)order.Body["id"]!, "12.5"));
        ((string)record["associations"]!["contacts"]!.AsArray().Single()!["id"]!).ShouldBe(contact);
        page.Text.ShouldContain("Northwind Traders");
        page.Text.ShouldContain("orders.create");
        (await simulator.GetAsync("/_simulator/portals/1/records/orders")).Status.ShouldBe(404);
    }
}
