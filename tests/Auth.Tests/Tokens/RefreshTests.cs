using System.Net;
using System.Web;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tests.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static HubSpotBus.Auth.Tests.ScriptedHubSpot;

namespace HubSpotBus.Auth.Tests.Tokens;

public sealed class RefreshTests
{
    private const string Unauthorised = """{"status":"error","category":"EXPIRED_AUTHENTICATION"}""";

    [Fact]
    public async Task Fifty_callers_with_a_stale_token_ask_once_for_a_new_one()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")));
        answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
        auth.HubSpot.TokenRequests.Count.ShouldBe(2);
        auth.HubSpot.Calls.ShouldAllBe(c => c.Token == "access-token-number-2");
        var form = HttpUtility.ParseQueryString(auth.HubSpot.TokenRequests[1].Body);
        (form["grant_type"], form["refresh_token"]).ShouldBe(("refresh_token", "refresh-token-number-1"));
    }

    [Fact]
    public async Task Whatever_refresh_token_comes_back_is_the_one_used_next()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        auth.HubSpot.TokenRequests.Select(r => HttpUtility.ParseQueryString(r.Body)["refresh_token"])
            .ShouldBe([null, "refresh-token-number-1", "refresh-token-number-2"]);
        (await auth.StatusAsync()).LastRefreshAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_token_nobody_uses_is_refreshed_before_it_expires()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.Clock.Forward(TimeSpan.FromMinutes(26));
        await Testing.ServiceUnderTest.UntilAsync(() => Task.FromResult(auth.HubSpot.TokenRequests.Count == 2), "the token is refreshed");
    }

    [Fact]
    public void Connections_are_refreshed_ahead_of_expiry_at_moments_of_their_own()
    {
        var ahead = Enumerable.Range(0, 200).Select(_ => TendConnections.Ahead(NewId.NextGuid())).ToList();
        ahead.ShouldAllBe(a => a >= TimeSpan.FromMinutes(3) && a <= TimeSpan.FromMinutes(7));
        ahead.Min().ShouldBeLessThan(TimeSpan.FromMinutes(4));
        ahead.Max().ShouldBeGreaterThan(TimeSpan.FromMinutes(6));
        ahead.ShouldAllBe(a => a > AccessTokens.Margin);
        var one = NewId.NextGuid();
        TendConnections.Ahead(one).ShouldBe(TendConnections.Ahead(one));
    }

    [Fact]
    public async Task Fifty_callers_at_expiry_on_three_replicas_ask_once_for_a_new_token()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        var (hubSpot, clock) = (new ScriptedHubSpot(), new TestClock());
        await using (var first = await AuthUnderTest.StartAsync(folder: folder, hubSpot: hubSpot, clock: clock))
        {
            await first.SaveAsync();
            await first.ConnectAsync(first.Browser());
            await first.NextAsync<PrepareProperties>();
            await using var second = await AuthUnderTest.StartAsync(folder: folder, subscription: first.Subscription, hubSpot: hubSpot, clock: clock);
            await using var third = await AuthUnderTest.StartAsync(folder: folder, subscription: first.Subscription, hubSpot: hubSpot, clock: clock);
            hubSpot.TokenAnswer = async _ =>
            {
                await Task.Yield(); // the others come meanwhile
                return null;
            };
            clock.Forward(TimeSpan.FromMinutes(29));
            AuthUnderTest[] replicas = [first, second, third];
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => replicas[i % 3].EgressAsync(HttpMethod.Get, "crm/objects/contacts")));
            answers.ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
            hubSpot.TokenRequests.Count.ShouldBe(2);
            hubSpot.Calls.ShouldAllBe(c => c.Token == "access-token-number-2");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Tokens_that_arrive_are_stored_whoever_else_changed_the_connection_meanwhile(int writer)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var thinking = new SemaphoreSlim(0);
        auth.HubSpot.TokenAnswer = async _ =>
        {
            await thinking.WaitAsync(TestContext.Current.CancellationToken);
            return null;
        };
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        var asking = auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        await Testing.ServiceUnderTest.UntilAsync(() => Task.FromResult(auth.HubSpot.TokenRequests.Count == 2), "HubSpot is asked for new tokens");
        if (writer == 0)
            await auth.Service.SendAsync(new ProbeAccount { SubscriptionId = auth.Subscription });
        else
            await MoveAsync(auth, until: auth.Clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        await Testing.ServiceUnderTest.UntilAsync(
            async () => await auth.StatusAsync() is { Attempt: 2 } or { State: ConnectionState.Moving }, "somebody else wrote");

        thinking.Release(10);
        await asking;
        (await auth.StatusAsync()).Token.ShouldBe("••••er-2");
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        await Testing.ServiceUnderTest.UntilAsync(
            async () => (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode == HttpStatusCode.OK, "calls go through");
        auth.HubSpot.TokenRequests.Select(r => HttpUtility.ParseQueryString(r.Body)["refresh_token"])
            .ShouldBe([null, "refresh-token-number-1", "refresh-token-number-2"]);
    }

    [Fact]
    public async Task A_token_endpoint_that_takes_all_its_time_is_asked_once_and_its_answer_counts()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        var (hubSpot, clock) = (new ScriptedHubSpot(), new TestClock());
        using var thinking = new SemaphoreSlim(0);
        await using (var first = await AuthUnderTest.StartAsync(folder: folder, hubSpot: hubSpot, clock: clock))
        {
            await first.SaveAsync();
            await first.ConnectAsync(first.Browser());
            await first.NextAsync<PrepareProperties>();
            await using var second = await AuthUnderTest.StartAsync(folder: folder, subscription: first.Subscription, hubSpot: hubSpot, clock: clock);
            hubSpot.TokenAnswer = async _ =>
            {
                await thinking.WaitAsync(TestContext.Current.CancellationToken);
                return null;
            };
            clock.Forward(TimeSpan.FromMinutes(29));
            var here = first.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
            await Testing.ServiceUnderTest.UntilAsync(() => Task.FromResult(hubSpot.TokenRequests.Count == 2), "HubSpot is asked for new tokens");
            clock.Forward(TimeSpan.FromSeconds(95));
            (await first.Service.ReadAsync<AuthDb, DateTimeOffset?>(db => db.Connections.Select(c => c.RefreshingUntil).SingleAsync(
                TestContext.Current.CancellationToken))).ShouldNotBeNull().ShouldBeGreaterThan(clock.GetUtcNow());
            var elsewhere = second.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
            thinking.Release(10);
            (await Task.WhenAll(here, elsewhere)).ShouldAllBe(a => a.StatusCode == HttpStatusCode.OK);
            hubSpot.TokenRequests.Count.ShouldBe(2);
            (await second.StatusAsync()).Token.ShouldBe("••••er-2");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_refresh_is_claimed_by_who_may_call_and_not_by_who_waits()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 0);
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        var asking = auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        await Testing.ServiceUnderTest.UntilAsync(async () => (await auth.MeterAsync()).Throttle.Waiting == 1, "the refresh waits for its permit");
        (await auth.Service.ReadAsync<AuthDb, DateTimeOffset?>(db => db.Connections.Select(c => c.RefreshingUntil).SingleAsync(
            TestContext.Current.CancellationToken))).ShouldBeNull();
        line.Open();
        (await asking).StatusCode.ShouldBe(HttpStatusCode.OK);
        auth.HubSpot.TokenRequests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_refresh_token_that_is_not_the_connections_any_more_may_be_refused()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var thinking = new SemaphoreSlim(0);
        auth.HubSpot.TokenAnswer = async call =>
        {
            if (!call.Body.Contains("refresh-token-number-1", StringComparison.Ordinal))
                return null;
            await thinking.WaitAsync(TestContext.Current.CancellationToken);
            return Status(400, """{"status":"BAD_REFRESH_TOKEN","message":"revoked"}""")();
        };
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        var asking = auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        await Testing.ServiceUnderTest.UntilAsync(() => Task.FromResult(auth.HubSpot.TokenRequests.Count == 2), "HubSpot is asked for new tokens");
        (await auth.ConnectAsync(auth.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
        thinking.Release();
        (await asking).StatusCode.ShouldBe(HttpStatusCode.OK);
        var status = await auth.StatusAsync();
        (status.State, status.Token).ShouldBe((ConnectionState.Connected, "••••er-2"));
    }

    [Fact]
    public async Task A_static_token_keeps_the_same_limits_and_HubSpots_own_for_its_kind()
    {
        await using var auth = await AuthUnderTest.StartAsync(new() { ["Egress:PatienceSeconds"] = "1" });
        await auth.SaveAsync(s => s with { ThrottleLimit = 3, ThrottleSeconds = 60 });
        await auth.ConnectWithTokenAsync("pat-na1-a-static-token");
        (await auth.NextAsync<AccountIdentified>()).Account.CallsPerTenSeconds.ShouldBe(100);
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_dead_grant_pauses_the_connection_and_a_new_approval_heals_it()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.TokenAnswer = Refuses("""{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN","message":"revoked"}""");
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        await PausedAsync(auth);
        var paused = await auth.NextAsync<ConnectionPaused>();
        paused.Until.ShouldBeNull();
        paused.Reason.ShouldContain("Connect the subscription again");
        await PausedAsync(auth);
        auth.HubSpot.TokenRequests.Count.ShouldBe(2);
        auth.Service.Waiting<ConnectionPaused>().ShouldBe(0);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Revoked);

        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(null);
        await auth.ConnectAsync(auth.Browser());
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Wrong_app_credentials_are_told_as_such_and_the_connection_resumes_when_they_are_right()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.HubSpot.TokenAnswer = Refuses("""{"status":"BAD_CLIENT_SECRET","message":"wrong"}""");
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        await PausedAsync(auth);
        (await auth.NextAsync<ConnectionPaused>()).Reason.ShouldContain("client id and secret");
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Misconfigured);

        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(null);
        auth.Clock.Forward(TimeSpan.FromMinutes(5));
        await auth.NextAsync<ConnectionResumed>();
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_passing_trouble_at_the_token_endpoint_pauses_nothing()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(Status(503)());
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK); // the old one lives on for a minute
        auth.Clock.Forward(TimeSpan.FromMinutes(2));
        using var later = await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        later.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe("throttled");
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Connected);
        auth.HubSpot.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_token_is_refreshed_once_and_the_call_made_again()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Answer = call => Task.FromResult<HttpResponseMessage?>(
            call.Token == "access-token-number-1" ? Status(401, Unauthorised)() : Status(200)());
        (await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/create", "{}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        auth.HubSpot.Calls.Select(c => c.Token).ShouldBe(["access-token-number-1", "access-token-number-2"]);
    }

    [Fact]
    public async Task A_token_refused_again_after_its_refresh_pauses_the_connection()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.Says(Status(401, Unauthorised));
        await PausedAsync(auth);
        (auth.HubSpot.Calls.Count, auth.HubSpot.TokenRequests.Count).ShouldBe((2, 2));
        (await auth.NextAsync<ConnectionPaused>()).Until.ShouldBeNull();
    }

    [Fact]
    public async Task A_refused_static_token_pauses_the_connection()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.ConnectWithTokenAsync("pat-na1-a-static-token");
        await auth.NextAsync<PrepareProperties>();
        auth.HubSpot.Says(Status(401, Unauthorised));
        await PausedAsync(auth);
        auth.HubSpot.Calls.Count.ShouldBe(1);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Revoked);
    }

    private static Func<SeenCall, Task<HttpResponseMessage?>> Refuses(string body) =>
        _ => Task.FromResult<HttpResponseMessage?>(Status(400, body)());

    private static async Task MoveAsync(AuthUnderTest auth, DateTimeOffset until)
    {
        var connection = await auth.Service.Services.GetRequiredService<LiveConnections>().FindAsync(auth.Subscription, TestContext.Current.CancellationToken);
        await auth.Service.Services.GetRequiredService<ConnectionHealth>().PauseAsync(
            connection!, connection!.View.Attempt, ConnectionState.Moving, "HubSpot moves the account.", until, TestContext.Current.CancellationToken);
    }

    private static async Task PausedAsync(AuthUnderTest auth)
    {
        using var answer = await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe("paused");
    }
}
