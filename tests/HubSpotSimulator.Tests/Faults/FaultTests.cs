using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Faults;

public sealed class FaultTests
{
    [Fact]
    public async Task A_fault_before_leaves_nothing_and_strikes_as_often_as_asked()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { kind = "orders.create" }, status = 503,
            retryAfterSeconds = 7, times = 1 });

        var failed = await simulator.PostAsync("/crm/objects/2026-09/orders", Order);
        var nothing = await simulator.RecordsAsync("orders");
        var good = await simulator.PostAsync("/crm/objects/2026-09/orders", Order);

        (failed.Status, failed.Headers.RetryAfter!.Delta).ShouldBe((503, TimeSpan.FromSeconds(7)));
        nothing.ShouldBeEmpty();
        good.Status.ShouldBe(201);
    }

    [Fact]
    public async Task A_fault_after_loses_the_answer_and_not_the_record()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { pathContains = "/orders" }, status = 502,
            body = "<h1>Bad gateway</h1>", when = "after", times = 1 });

        var said = await simulator.PostAsync("/crm/objects/2026-09/orders", Order);

        (said.Status, said.Text).ShouldBe((502, "<h1>Bad gateway</h1>"));
        (await simulator.RecordsAsync("orders")).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task The_connection_can_be_cut(string when, int records)
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { kind = "*.batch.create" }, status = 0, when, times = 1 });

        await Should.ThrowAsync<HttpRequestException>(
            () => simulator.PostAsync("/crm/objects/2026-09/orders/batch/create", new { inputs = new[] { Order } }));

        (await simulator.RecordsAsync("orders")).Count.ShouldBe(records);
        simulator.Host.Calls.Answered(0).ShouldBe(1);
    }

    [Fact]
    public async Task A_body_of_its_own_is_sent()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { kind = "oauth.token" }, status = 429,
            body = new { policyName = "DAILY" } });

        var said = await simulator.SubmitAsync("/oauth/2026-09/token");

        (said.Status, (string?)said.Body["policyName"]).ShouldBe((429, "DAILY"));
    }

    [Fact]
    public async Task A_delay_alone_changes_no_answer()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { kind = "orders.create" }, delayMilliseconds = 1 });

        (await simulator.PostAsync("/crm/objects/2026-09/orders", Order)).Status.ShouldBe(201);
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(1.0, 20)]
    public async Task A_rate_says_how_many_fail(double rate, int failures)
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { }, status = 500, rate });

        for (var i = 0; i < 20; i++)
        {
            await simulator.GetAsync("/account-info/2026-09/details");
        }

        simulator.Host.Calls.Answered(500).ShouldBe(failures);
    }

    [Fact]
    public async Task Faults_can_be_seen_and_taken_away()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { kind = "orders.create" }, status = 500, times = 3 });
        await simulator.PostAsync("/crm/objects/2026-09/orders", Order);

        var faults = (JsonArray)JsonNode.Parse((await simulator.GetAsync("/_simulator/faults")).Text)!;
        await simulator.SendAsync(HttpMethod.Delete, "/_simulator/faults");

        ((int)faults.Single()!["times"]!, (string)faults.Single()!["match"]!["kind"]!).ShouldBe((2, "orders.create"));
        (await simulator.PostAsync("/crm/objects/2026-09/orders", Order)).Status.ShouldBe(201);
    }

    private static object Order => new { properties = new { hs_order_name = "1" } };
}
