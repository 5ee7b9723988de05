using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Faults;
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
    public async Task The_same_seed_strikes_the_same_calls()
    {
        await using var simulator = await ASimulator.StartAsync();
        var strikes = new List<string>();
        foreach (var seed in new[] { 7, 7, 8 })
        {
            await simulator.SendAsync(HttpMethod.Delete, "/_simulator/faults");
            await simulator.PostAsync("/_simulator/faults", new { status = 500, rate = 0.5, seed });
            var said = new List<int>();
            for (var i = 0; i < 20; i++)
            {
                said.Add((await simulator.GetAsync("/account-info/2026-09/details")).Status);
            }

            strikes.Add(string.Join(' ', said));
        }

        strikes[1].ShouldBe(strikes[0]);
        strikes[2].ShouldNotBe(strikes[0]);
    }

    [Fact]
    public async Task A_write_can_happen_some_time_after_its_504()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Host.Faults.Add(Fault.CommitsLate("orders.create", TimeSpan.FromSeconds(2)));

        var failed = await simulator.PostAsync("/crm/objects/2026-09/orders", Order);
        simulator.Time.Advance(TimeSpan.FromSeconds(1));
        var early = await simulator.RecordsAsync("orders");
        simulator.Time.Advance(TimeSpan.FromSeconds(1));
        var late = await simulator.RecordsAsync("orders");

        (failed.Status, early.Count, late.Count).ShouldBe((504, 0, 1));
        ((string)late.Single()!["createdAt"]!).ShouldBe("2026-11-23T09:00:02.000Z");
        simulator.Host.LateCalls.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_late_write_is_checked_when_it_happens_and_a_reset_forgets_it()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/_simulator/faults", new { status = 504, when = "late", delayMilliseconds = 2000, times = 2,
            match = new { kind = "contacts.create" } });

        var contact = new { properties = new { email = "ann@example.com" } };
        await simulator.PostAsync("/crm/objects/2026-09/contacts", contact);
        await simulator.PostAsync("/crm/objects/2026-09/contacts", contact);
        var winner = await simulator.PostAsync("/crm/objects/2026-09/contacts", contact);
        simulator.Time.Advance(TimeSpan.FromSeconds(2));

        ((string)(await simulator.RecordsAsync("contacts")).Single()!["id"]!).ShouldBe((string)winner.Body["id"]!);
        simulator.Host.Faults.Add(Fault.CommitsLate("orders.create", TimeSpan.FromSeconds(2)));
        await simulator.PostAsync("/crm/objects/2026-09/orders", Order);
        await simulator.PostAsync("/_simulator/reset");
        simulator.Time.Advance(TimeSpan.FromSeconds(2));
        (await simulator.RecordsAsync("orders")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_late_write_without_a_good_token_is_refused_at_once()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Host.Faults.Add(Fault.CommitsLate("orders.create", TimeSpan.FromSeconds(2)));
        simulator.Token = "wrong";

        (await simulator.PostAsync("/crm/objects/2026-09/orders", Order)).Status.ShouldBe(401);
        simulator.Host.LateCalls.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("/app-webhooks/2026-09/1234444/subscriptions?hapikey=wrong", "webhooks.subscriptions.create", 401)]
    [InlineData("/webhooks/2026-09/1234444/subscriptions?hapikey=dev-sim-1234444", "webhooks.subscriptions.create", 404)]
    [InlineData("/webhooks-journal/subscriptions/2026-03", "journal.subscriptions.upsert", 401)]
    [InlineData("/webhooks-journal/snapshots/2026-03/crm", "journal.snapshots.create", 401)]
    public async Task A_late_write_without_a_good_key_is_refused_at_once(string path, string kind, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Host.Faults.Add(Fault.CommitsLate(kind, TimeSpan.FromSeconds(2)));

        (await simulator.PostAsync(path, new { eventType = "contact.creation" })).Status.ShouldBe(status);
        simulator.Host.LateCalls.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_locked_record_and_a_moving_account_have_statuses_of_their_own()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Host.Faults.Add(Fault.Locked("orders.create"));
        simulator.Host.Faults.Add(Fault.Moving(120));

        var locked = await simulator.PostAsync("/crm/objects/2026-09/orders", Order);
        var moving = await simulator.PostAsync("/crm/objects/2026-09/orders", Order);

        (locked.Status, moving.Status, moving.Headers.RetryAfter!.Delta).ShouldBe((423, 477, TimeSpan.FromSeconds(120)));
        (await simulator.PostAsync("/crm/objects/2026-09/orders", Order)).Status.ShouldBe(201);
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

    [Theory]
    [InlineData("/crm/objects/2026-09/orders")]
    [InlineData($"{ASimulator.People}/orders")]
    public async Task A_write_that_takes_its_time_bears_the_time_at_which_it_happens(string path)
    {
        await using var simulator = await ASimulator.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(simulator.Host.BaseAddress, path))
        {
            Content = new BodyThatIsWaitedFor(JsonSerializer.Serialize(Order), () => simulator.Time.Advance(TimeSpan.FromSeconds(5))),
        };
        request.Headers.ExpectContinue = true;
        request.Headers.Authorization = new("Bearer", simulator.Token);

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        ((string)(await simulator.RecordsAsync("orders")).Single()!["createdAt"]!).ShouldBe("2026-11-23T09:00:05.000Z");
    }

    private static object Order => new { properties = new { hs_order_name = "1" } };

    /// <summary>Sent once the simulator has taken the call and asks for its body.</summary>
    private sealed class BodyThatIsWaitedFor(string json, Action meanwhile) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            meanwhile();
            return stream.WriteAsync(Encoding.UTF8.GetBytes(json)).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = json.Length;
            return true;
        }
    }
}
