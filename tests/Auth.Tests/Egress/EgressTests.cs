using System.Net;
using System.Net.Sockets;
using System.Text;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static HubSpotBus.Auth.Tests.ScriptedHubSpot;

namespace HubSpotBus.Auth.Tests.Egress;

public sealed class EgressTests
{
    [Fact]
    public async Task A_call_goes_out_with_version_token_and_body_and_its_answer_comes_back()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Says(Status(207, """{"results":[]}"""));
        using var answer = await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/read?archived=false", """{"inputs":[]}""", "backfill");
        answer.StatusCode.ShouldBe(HttpStatusCode.MultiStatus);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("""{"results":[]}""");
        answer.Headers.Contains("X-HubSpotBus-Egress").ShouldBeFalse();
        auth.HubSpot.Calls.Single().ShouldBe(new SeenCall(
            "POST", "/crm/objects/2026-09/contacts/batch/read?archived=false", "access-token-number-1", """{"inputs":[]}""",
            "application/json; charset=utf-8"));
    }

    [Theory]
    [InlineData("crm/objects/../../oauth/2026-09/token")]
    [InlineData("crm/objects/%2e%2e/%2e%2e/oauth")]
    [InlineData("crm/objects/contacts%2F..%2F..%2Foauth")]
    [InlineData("oauth/2026-09/token")]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("")]
    public async Task A_path_that_leads_elsewhere_is_refused_as_it_stands_on_the_request_line(string path)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var status = await RawAsync(auth, $"/egress/{auth.Subscription}/{path}");
        status.ShouldBeOneOf(400, 404);
        auth.HubSpot.Calls.ShouldBeEmpty();
        auth.HubSpot.TokenRequests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_absolute_request_line_is_refused()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        (await RawAsync(auth, $"http://evil.example/egress/{auth.Subscription}/crm/objects/contacts")).ShouldBe(400);
        auth.HubSpot.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_lanes_there_are_and_bodies_up_to_ten_megabytes_are_taken()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts", lane: "token")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var huge = new string('x', (10 * 1024 * 1024) + 1);
        (await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/read", huge)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        auth.HubSpot.Calls.ShouldBeEmpty();
        (await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/read", huge[1..])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_subscription_without_connection_is_paused()
    {
        await using var auth = await AuthUnderTest.StartAsync();
        await RefusedAsync(auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts"), 503, "paused");
        await auth.SaveAsync();
        await RefusedAsync(auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts"), 503, "paused");
    }

    [Fact]
    public async Task A_changed_setting_applies_to_the_next_call()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.SaveAsync(s => s with { HubSpotApiVersion = "2026-03", ThrottleLimit = 7 });
        await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        auth.HubSpot.Calls.Single().Path.ShouldBe("/crm/objects/2026-03/contacts");
        (await auth.MeterAsync()).Throttle.Limit.ShouldBe(7);
    }

    [Fact]
    public async Task A_setting_changed_on_one_replica_applies_to_who_waits_on_another()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        var (hubSpot, clock) = (new ScriptedHubSpot(), new TestClock());
        await using (var one = await AuthUnderTest.StartAsync(folder: folder, hubSpot: hubSpot, clock: clock))
        {
            await one.SaveAsync();
            await one.ConnectAsync(one.Browser());
            await one.NextAsync<PrepareProperties>();
            await using var other = await AuthUnderTest.StartAsync(folder: folder, subscription: one.Subscription, hubSpot: hubSpot, clock: clock);
            using var line = await AWaitingLine.BehindAsync(one, going: 2, waiting: 1);
            var own = one.Service.Services.GetRequiredService<LiveConnections>().All.Single().Line.Own;

            await other.SaveAsync(s => s with { Revision = 10, ThrottleLimit = 400, ConcurrentConnections = 1 });

            await Testing.ServiceUnderTest.UntilAsync(() => Task.FromResult((own.Calls, own.AtOnce) == (400, 1)), "the replica has heard of it");
            line.OpenOne(Status(200));
            await Task.WhenAny(line.Asking);
            (own.Open, hubSpot.Calls.Count).ShouldBe((1, 2));
            line.Open();
            await line.EndedAsync(paused: 0);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task An_older_setting_is_ignored()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.SaveAsync(s => s with { Revision = 10, ThrottleLimit = 20 });
        await auth.SaveAsync(s => s with { Revision = 9, ThrottleLimit = 30 });
        (await auth.MeterAsync()).Throttle.Limit.ShouldBe(20);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(423)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_passing_trouble_is_retried_out_of_the_callers_sight(int status)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.HubSpot.Says(Status(status), Status(status), Status(200));
        using var answer = await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/upsert", "{}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        auth.HubSpot.Calls.Count.ShouldBe(3);
        (await auth.MeterAsync()).Retries.ShouldBe(2);
    }

    [Theory]
    [InlineData("contacts/batch/update", 503, true)]
    [InlineData("contacts/batch/update", 429, false)]
    [InlineData("contacts/batch/read", 503, false)]
    public async Task The_answer_to_a_repeated_write_says_when_HubSpot_may_still_carry_out_an_earlier_attempt(string path, int status, bool mayCome)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.HubSpot.Says(Status(status), Status(200));
        using var answer = await auth.EgressAsync(HttpMethod.Post, $"crm/objects/{path}", "{}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains(EgressEndpoint.EarlierHeader).ShouldBe(mayCome);
    }

    [Fact]
    public async Task A_trouble_that_stays_is_unanswered_after_four_tries()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.HubSpot.Says(Breaks());
        await RefusedAsync(auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts"), 502, "unanswered");
        auth.HubSpot.Calls.Count.ShouldBe(4);
    }

    [Fact]
    public async Task No_repetition_begins_so_late_that_the_caller_would_have_left()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(new() { ["Egress:RetryForSeconds"] = "5" });
        auth.HubSpot.Answer = _ =>
        {
            auth.Clock.Forward(TimeSpan.FromSeconds(6));
            return Task.FromResult<HttpResponseMessage?>(Status(503)());
        };
        await RefusedAsync(auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts"), 502, "unanswered");
        auth.HubSpot.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("crm/properties/contacts")]
    [InlineData("crm/objects/contacts/batch/create")]
    public async Task A_create_that_may_have_been_done_is_not_made_again(string path)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Says(Status(500));
        await RefusedAsync(auth.EgressAsync(HttpMethod.Post, path, "{}"), 502, "unanswered");
        auth.HubSpot.Says(Breaks());
        await RefusedAsync(auth.EgressAsync(HttpMethod.Post, path, "{}"), 502, "unanswered");
        auth.HubSpot.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_create_that_was_refused_or_never_sent_is_made_again()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.HubSpot.Says(Status(429), Breaks(HttpRequestError.ConnectionError), Status(201));
        (await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/create", "{}")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("""{"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["crm.objects.deals.write"]}}]}""")]
    [InlineData("""{"category":"MISSING_SCOPES","context":{"requiredGranularScopes":["crm.objects.deals.write"]}}""")]
    public async Task A_scope_that_records_lack_pauses_the_subscription_and_is_named(string body)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Says(Status(403, body));

        await RefusedAsync(auth.EgressAsync(HttpMethod.Post, "crm/objects/deals/batch/update", "{}"), 503, "paused");

        (await auth.NextAsync<ConnectionPaused>()).Reason.ShouldContain("lacks the scope crm.objects.deals.write");
        await RefusedAsync(auth.EgressAsync(HttpMethod.Post, "crm/objects/deals/batch/update", "{}"), 503, "paused");
        auth.HubSpot.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_scope_that_definitions_lack_and_a_conflict_are_the_callers_to_handle()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Says(Status(403, """{"category":"MISSING_SCOPES","context":{"requiredGranularScopes":["crm.schemas.deals.write"]}}"""), Status(409));
        (await auth.EgressAsync(HttpMethod.Get, "crm/properties/deals")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await auth.EgressAsync(HttpMethod.Post, "crm/objects/deals/batch/create", "{}")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Connected);
    }

    [Fact]
    public async Task A_moving_account_is_left_alone_until_HubSpot_said_and_then_goes_on()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.HubSpot.Says(Status(477, "{}", retryAfter: 3600), Status(200));
        await RefusedAsync(auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts"), 503, "paused");
        var until = (await auth.NextAsync<ConnectionPaused>()).Until.ShouldNotBeNull();
        (until - auth.Clock.GetUtcNow()).ShouldBeInRange(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60));
        await RefusedAsync(auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts"), 503, "paused");
        auth.HubSpot.Calls.Count.ShouldBe(1);

        auth.Clock.Forward(TimeSpan.FromHours(1));
        await auth.NextAsync<ConnectionResumed>();
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Connected);
    }

    [Fact]
    public async Task Calls_that_waited_while_the_subscription_was_disconnected_are_not_made()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 20);
        var disconnecting = auth.DisconnectAsync();
        await Testing.ServiceUnderTest.UntilAsync(async () => (await auth.StatusAsync()).State == ConnectionState.Disconnected, "it is disconnected");
        line.Open();
        await disconnecting;

        await line.EndedAsync(paused: 20);
        auth.HubSpot.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Calls_that_waited_while_the_token_was_refused_are_not_made()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.ConnectWithTokenAsync("pat-na1-a-static-token");
        await auth.NextAsync<PrepareProperties>();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 5);
        line.Open(Status(401));
        await line.EndedAsync(paused: 6);
        auth.HubSpot.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Calls_that_waited_for_a_moving_account_leave_it_alone_and_the_pause_is_told_once()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 3, waiting: 9);
        line.Open(Status(477, retryAfter: 3600));
        await line.EndedAsync(paused: 12);
        auth.HubSpot.Calls.Count.ShouldBe(3);
        await auth.Service.QuietAsync();
        auth.Service.Waiting<ConnectionPaused>().ShouldBe(1);
    }

    [Fact]
    public async Task A_pause_that_HubSpot_makes_much_longer_is_told_again()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 2, waiting: 0);
        line.OpenOne(Status(477, retryAfter: 600));
        var first = await auth.NextAsync<ConnectionPaused>();
        line.OpenOne(Status(477, retryAfter: 7200));
        var second = await auth.NextAsync<ConnectionPaused>();
        await line.EndedAsync(paused: 2);
        (second.Until - first.Until).ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromMinutes(100));
        ((await auth.StatusAsync()).Until - second.Until).ShouldNotBeNull().ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_call_that_waited_for_long_goes_out_with_the_token_of_then()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 3);
        auth.Clock.Forward(TimeSpan.FromMinutes(31));
        line.Open();
        await line.EndedAsync(paused: 0);
        auth.HubSpot.Calls.Select(c => c.Token).ShouldBe(
            ["access-token-number-1", "access-token-number-2", "access-token-number-2", "access-token-number-2"]);
        auth.HubSpot.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_that_waited_while_its_subscription_moved_to_another_account_is_not_made_there()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 1);
        await auth.Service.ReadAsync<AuthDb, int>(db => db.Connections.ExecuteUpdateAsync(
            set => set.SetProperty(c => c.HubSpotAccountId, 999), TestContext.Current.CancellationToken));
        auth.Clock.Forward(TimeSpan.FromSeconds(2));
        line.Open();
        await RefusedAsync(line.Asking[1], 429, "throttled");
        auth.HubSpot.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_limit_of_calls_at_one_moment_holds_and_the_rest_waits()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.SaveAsync(s => s with { ConcurrentConnections = 3 });
        await auth.ConnectAsync(auth.Browser());
        await auth.NextAsync<PrepareProperties>();
        var (now, most, calls) = (0, 0, 0);
        var counting = new Lock();
        using var gate = new SemaphoreSlim(0);
        auth.HubSpot.Answer = async _ =>
        {
            lock (counting)
                (calls, most) = (calls + 1, Math.Max(most, ++now));
            await gate.WaitAsync(TestContext.Current.CancellationToken);
            lock (counting)
                now--;
            return null;
        };
        var asking = Enumerable.Range(0, 12).Select(_ => auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).ToList();
        await Testing.ServiceUnderTest.UntilAsync(async () => (await auth.MeterAsync()).Throttle is { Waiting: 9, Open: 3 } && calls == 3, "nine wait");
        gate.Release(12);
        foreach (var answer in await Task.WhenAll(asking))
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (most, calls).ShouldBe((3, 12));
    }

    [Fact]
    public async Task A_caller_who_waits_too_long_is_told_when_to_come_back()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(new() { ["Egress:PatienceSeconds"] = "1" });
        await auth.SaveAsync(s => s with { ThrottleLimit = 1 });
        using var answer = await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe("throttled");
        answer.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        auth.HubSpot.Calls.ShouldBeEmpty();
        (await auth.MeterAsync()).Throttled.ShouldBe(1);
    }

    [Theory]
    [InlineData("110", "0")]
    [InlineData("1", "1")]
    public async Task What_HubSpots_headers_leave_is_less_than_what_is_configured_and_counts(string max, string remaining)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(new() { ["Egress:PatienceSeconds"] = "1" });
        auth.HubSpot.Says(() =>
        {
            var answer = Status(200)();
            answer.Headers.Add("X-HubSpot-RateLimit-Max", max);
            answer.Headers.Add("X-HubSpot-RateLimit-Remaining", remaining);
            answer.Headers.Add("X-HubSpot-RateLimit-Interval-Milliseconds", "600000"); // not over before the next call, however busy the machine is
            return answer;
        });
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        auth.HubSpot.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task When_HubSpot_says_that_the_calls_of_the_day_are_used_up_none_is_made_until_the_accounts_midnight()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        (await auth.ConnectWithTokenAsync("pat-na1-a-static-token")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await auth.NextAsync<PrepareProperties>();
        auth.Clock.Forward(UntilMidnight() + TimeSpan.FromMinutes(1)); // early in the day
        auth.HubSpot.Says(DailyLeft(1), DailyLeft(0));
        foreach (var status in new[] { HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests })
            (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(status);

        auth.Clock.Forward(UntilMidnight() - TimeSpan.FromMinutes(10));
        using var refused = await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        refused.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe("throttled");
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("HubSpot takes no more calls of the account");
        auth.HubSpot.Calls.Count.ShouldBe(2);

        TimeSpan UntilMidnight() => RateLimitRefusal.RestOfDay("Europe/Berlin", auth.Clock.GetUtcNow());

        static Func<HttpResponseMessage> DailyLeft(int calls) => () =>
        {
            var answer = Status(200)();
            answer.Headers.Add("X-HubSpot-RateLimit-Daily", "250000");
            answer.Headers.Add("X-HubSpot-RateLimit-Daily-Remaining", $"{calls}");
            return answer;
        };
    }

    [Fact]
    public async Task The_meter_says_by_lane_and_kind_what_was_made_and_refused_and_what_waits_and_is_under_way()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.SaveAsync(s => s with { ConcurrentConnections = 2 });
        await auth.ConnectAsync(auth.Browser());
        await auth.NextAsync<PrepareProperties>();
        auth.HubSpot.Says(Status(429, retryAfter: 1), Status(200));
        (await auth.EgressAsync(HttpMethod.Post, "crm/objects/orders/batch/update", "{}", "retry")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var gate = new SemaphoreSlim(0);
        auth.HubSpot.Answer = async _ =>
        {
            await gate.WaitAsync(TestContext.Current.CancellationToken);
            return null;
        };
        var asking = Enumerable.Range(0, 5).Select(_ => auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts", lane: "backfill")).ToList();

        CallCount Of(ConnectionMeter meter, string lane) => meter.Counts.SingleOrDefault(c => c.Lane == lane) ?? new CallCount { Lane = lane, Kind = "" };
        await Testing.ServiceUnderTest.UntilAsync(async () => Of(await auth.MeterAsync(), "backfill") is { Waiting: 3, InFlight: 2 }, "three wait for two");
        var meter = await auth.MeterAsync();
        Of(meter, "backfill").ShouldBe(new CallCount { Lane = "backfill", Kind = "contacts list", Calls = 2, Waiting = 3, InFlight = 2 });
        Of(meter, "retry").ShouldBe(new CallCount { Lane = "retry", Kind = "orders batch update", Calls = 2, RefusedByHubSpot = 1, Retries = 1 });
        Of(meter, "token").ShouldBe(new CallCount { Lane = "token", Kind = "token", Calls = 1 });
        (meter.Waiting, meter.InFlight, meter.RefusedByHubSpot, meter.Calls).ShouldBe((3, 2, 1, 6));
        meter.OldestWaitingSeconds.ShouldBeGreaterThan(0);

        gate.Release(5);
        await Task.WhenAll(asking);
        (await auth.MeterAsync()).Counts.ShouldAllBe(c => c.Waiting == 0 && c.InFlight == 0);
    }

    [Fact]
    public void What_is_longer_ago_than_the_window_is_not_counted()
    {
        var (counts, call) = (new CallCounts(), new CallKind(Lane.Live, "contacts list"));
        counts.Goes(call, TimeSpan.FromSeconds(1));
        counts.Ends(call);
        counts.Goes(call, TimeSpan.FromSeconds(5));
        counts.Ends(call);
        counts.Read(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10.9)).Single().Calls.ShouldBe(2);
        counts.Read(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11)).Single().Calls.ShouldBe(1);
        counts.Read(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Token_and_account_calls_count_against_the_subscriptions_throttle()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var meter = await auth.MeterAsync();
        (meter.Calls, meter.Used >= 2).ShouldBe((2, true));
    }

    private static async Task RefusedAsync(Task<HttpResponseMessage> asking, int status, string refusal)
    {
        using var answer = await asking;
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe(refusal);
    }

    // HttpClient would tidy the path up before sending it.
    private static async Task<int> RawAsync(AuthUnderTest auth, string target)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", auth.Service.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: evil.example\r\n{ServiceKeys.Header}: {ServiceKeys.Of(AuthUnderTest.ServiceKey, auth.Subscription)}\r\nConnection: close\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return int.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[1], null);
    }
}
