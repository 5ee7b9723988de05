using System.Net;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tests.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Connecting;

public sealed class ConnectionTests
{
    [Fact]
    public async Task A_static_token_connects_like_an_approval()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        (await auth.ConnectWithTokenAsync("pat-na1-a-static-token")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await auth.NextAsync<AccountIdentified>()).HubSpotAccountId.ShouldBe(ScriptedHubSpot.Account);
        await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        auth.HubSpot.Calls.Single().Token.ShouldBe("pat-na1-a-static-token");
        var status = await auth.StatusAsync();
        (status.IsStatic, status.Token, status.ExpiresAt).ShouldBe((true, "••••oken", null));
    }

    [Fact]
    public async Task A_static_token_is_asked_for_its_scopes_and_what_it_lacks_is_shown()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        auth.HubSpot.Scopes = HubSpotAppOptions.DefaultScopes.Replace("oauth ", "", StringComparison.Ordinal).Replace(" crm.objects.orders.write", "", StringComparison.Ordinal);

        await auth.ConnectWithTokenAsync("pat-na1-a-static-token");

        (await auth.NextAsync<AccountIdentified>()).Account!.Scopes.ShouldBe(auth.HubSpot.Scopes);
        (await auth.StatusAsync()).MissingScopes.ShouldBe(["crm.objects.orders.write"]);
        auth.HubSpot.Seen.Count(c => c.Path == "/oauth/v2/private-apps/get/access-token-info" && c.Body.Contains("pat-na1-a-static-token", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task The_account_is_identified_even_when_the_order_overtakes_the_news_of_the_grant()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.NextAsync<AccountIdentified>();
        var connections = auth.Service.Services.GetRequiredService<LiveConnections>();
        await SetStateAsync(ConnectionState.Disconnected);
        await connections.ReloadAsync(auth.Subscription, TestContext.Current.CancellationToken);
        await SetStateAsync(ConnectionState.Connected); // stored, but not yet seen by the egress
        await auth.Service.SendAsync(new IdentifyAccount { SubscriptionId = auth.Subscription, Attempt = 1 });
        (await auth.NextAsync<AccountIdentified>()).HubSpotAccountId.ShouldBe(ScriptedHubSpot.Account);

        Task<int> SetStateAsync(ConnectionState state) => auth.Service.ReadAsync<AuthDb, int>(db =>
            db.Connections.ExecuteUpdateAsync(set => set.SetProperty(c => c.State, state), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_call_goes_out_with_a_static_token_before_its_account_is_known_to_be_the_own()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var whose = HoldAccountInfo(auth);
        await auth.ConnectWithTokenAsync("pat-na1-of-another-account");
        await UntilAskedAsync(auth, "pat-na1-of-another-account");
        using (var early = await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/upsert", "{}"))
            early.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe("throttled");

        whose.SetResult(999);
        (await auth.NextAsync<ConnectingFailed>()).Reason.ShouldContain("999");
        using (var late = await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/upsert", "{}"))
            late.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe("paused");
        auth.HubSpot.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_static_token_of_the_own_account_is_used_as_soon_as_that_is_known()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.NextAsync<AccountIdentified>();
        await auth.ConnectWithTokenAsync("pat-na1-of-the-own-account");
        await auth.NextAsync<AccountIdentified>();
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
        auth.HubSpot.Calls.Single().Token.ShouldBe("pat-na1-of-the-own-account");
        auth.HubSpot.Seen.Count(c => c.Path.StartsWith("/account-info", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task An_approval_whose_account_HubSpot_does_not_tell_is_not_used_before_it_is_known()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var whose = HoldAccountInfo(auth);
        auth.HubSpot.TokenAnswer = _ => Task.FromResult<HttpResponseMessage?>(ScriptedHubSpot.Status(200, $$"""
            {"access_token":"an-access-token-without-hub","refresh_token":"r","expires_in":1800,"scopes":["{{HubSpotAppOptions.DefaultScopes.Replace(" ", "\",\"", StringComparison.Ordinal)}}"]}
            """)());
        (await auth.ConnectAsync(auth.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
        await UntilAskedAsync(auth, "an-access-token-without-hub");
        (await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        auth.HubSpot.Calls.ShouldBeEmpty();
        whose.SetResult(ScriptedHubSpot.Account);
    }

    [Fact]
    public async Task A_call_that_is_tried_again_does_not_take_a_token_whose_account_is_not_known()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(new() { ["Egress:RetryDelayMilliseconds"] = "10" });
        var whose = HoldAccountInfo(auth);
        var holding = auth.HubSpot.Answer;
        auth.HubSpot.Answer = async call =>
        {
            if (call.Path.StartsWith("/account-info", StringComparison.Ordinal))
                return await holding(call);
            await auth.ConnectWithTokenAsync("pat-na1-of-another-account");
            return ScriptedHubSpot.Status(503)();
        };
        (await auth.EgressAsync(HttpMethod.Post, "crm/objects/contacts/batch/upsert", "{}")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        auth.HubSpot.Calls.Single().Token.ShouldBe("access-token-number-1");
        whose.SetResult(ScriptedHubSpot.Account);
    }

    [Fact]
    public async Task The_account_is_asked_for_with_the_token_that_another_replica_stored_a_moment_ago()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var there = auth.Service.Services.GetRequiredService<TokenVault>().Lock("pat-na1-stored-elsewhere");
        await auth.Service.ReadAsync<AuthDb, int>(db => db.Connections.ExecuteUpdateAsync(
            set => set.SetProperty(c => c.AccessToken, there).SetProperty(c => c.IsStatic, true).SetProperty(c => c.Attempt, 2).SetProperty(c => c.AccountUnproven, true),
            TestContext.Current.CancellationToken));
        await auth.Service.SendAsync(new IdentifyAccount { SubscriptionId = auth.Subscription, Attempt = 2 });
        await UntilAskedAsync(auth, "pat-na1-stored-elsewhere");
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\r\nHost: evil.example")]
    public async Task What_is_no_token_is_not_stored(string token)
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        (await auth.ConnectWithTokenAsync(token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Disconnected);
    }

    [Fact]
    public async Task A_subscription_not_heard_of_yet_is_asked_to_try_again()
    {
        await using var auth = await AuthUnderTest.StartAsync();
        (await auth.ConnectWithTokenAsync("pat-na1-a-static-token")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Disconnecting_forgets_the_tokens_revokes_the_grant_and_says_so()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var gone = await auth.Inside().DeleteAsync(
            new Uri($"/internal/connections/{auth.Subscription}", UriKind.Relative), TestContext.Current.CancellationToken);
        gone.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await auth.NextAsync<ConnectionPaused>()).Until.ShouldBeNull();
        await RevokedAsync(auth);
        var revoked = auth.HubSpot.Revocations.Single();
        revoked.Path.ShouldBe("/oauth/2026-09/token/revoke");
        revoked.Body.ShouldContain("token=refresh-token-number-1");
        var status = await auth.StatusAsync();
        (status.State, status.Token).ShouldBe((ConnectionState.Disconnected, null));
        using var refused = await auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        auth.HubSpot.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_grant_that_another_subscription_uses_too_is_not_revoked()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.ReadAsync<AuthDb, int>(async db =>
        {
            var row = await db.Connections.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken);
            db.Add(new Connection
            {
                SubscriptionId = NewId.NextGuid(), AccessToken = row.AccessToken, RefreshToken = row.RefreshToken, ExpiresAt = row.ExpiresAt,
                HubSpotAccountId = row.HubSpotAccountId,
            });
            return await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        });
        await auth.DisconnectAsync();
        await RevokedAsync(auth);
        auth.HubSpot.Revocations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_waits_for_HubSpot_when_disconnecting_and_the_grant_is_revoked_all_the_same()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 0);
        await auth.DisconnectAsync();
        (await auth.StatusAsync()).ToBeRevoked.ShouldBeTrue();
        (await auth.Service.ReadAsync<AuthDb, string>(db => db.GrantsToRevoke.Select(g => g.RefreshToken).SingleAsync(TestContext.Current.CancellationToken)))
            .ShouldNotContain("refresh-token");
        auth.HubSpot.Revocations.ShouldBeEmpty();
        line.Open();
        await RevokedAsync(auth);
        auth.HubSpot.Revocations.Single().Body.ShouldContain("token=refresh-token-number-1");
    }

    [Fact]
    public async Task A_grant_that_HubSpot_did_not_take_back_is_offered_again_until_it_does()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        auth.HubSpot.RevokeAnswer = ScriptedHubSpot.Status(503);
        await auth.DisconnectAsync();
        for (var tries = 1; tries <= 3; tries++)
        {
            await Testing.ServiceUnderTest.UntilAsync(
                () => Task.FromResult(auth.Service.Log.All.Count(l => l.Contains("is not revoked at HubSpot yet", StringComparison.Ordinal)) == tries), $"try {tries}");
            (await auth.StatusAsync()).ToBeRevoked.ShouldBeTrue();
            auth.HubSpot.RevokeAnswer = ScriptedHubSpot.Status(tries < 2 ? 503 : tries < 3 ? 429 : 204);
            auth.Clock.Forward(TimeSpan.FromMinutes(1 << (tries - 1)));
        }

        await RevokedAsync(auth);
        auth.HubSpot.Revocations.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN","message":"revoked"}""")]
    [InlineData(404, "")]
    public async Task A_grant_that_is_dead_at_HubSpot_is_not_offered_again(int status, string body)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        auth.HubSpot.RevokeAnswer = ScriptedHubSpot.Status(status, body);
        await auth.DisconnectAsync();
        await RevokedAsync(auth);
        auth.HubSpot.Revocations.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_to_be_revoked_outlives_the_process()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        var clock = new TestClock(20);
        Guid subscription;
        await using (var before = await AuthUnderTest.StartAsync(folder: folder, clock: clock))
        {
            subscription = before.Subscription;
            await before.SaveAsync();
            await before.ConnectAsync(before.Browser());
            await before.NextAsync<PrepareProperties>();
            before.HubSpot.RevokeAnswer = ScriptedHubSpot.Breaks();
            await before.DisconnectAsync();
        }

        clock.Forward(TimeSpan.FromMinutes(10));
        await using (var after = await AuthUnderTest.StartAsync(folder: folder, subscription: subscription, clock: clock))
        {
            await RevokedAsync(after);
            after.HubSpot.Revocations.Single().Body.ShouldContain("token=refresh-token-number-1");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_grant_that_the_subscription_was_given_again_meanwhile_is_not_revoked()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 0);
        await auth.DisconnectAsync();
        await auth.Service.ReadAsync<AuthDb, int>(async db =>
        {
            var kept = await db.GrantsToRevoke.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken);
            return await db.Connections.ExecuteUpdateAsync(set => set.SetProperty(c => c.RefreshToken, kept.RefreshToken), TestContext.Current.CancellationToken);
        });
        line.Open();
        await RevokedAsync(auth);
        auth.HubSpot.Revocations.ShouldBeEmpty();
    }

    [Fact]
    public async Task New_tokens_that_come_for_a_subscription_disconnected_meanwhile_are_revoked_too()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(speed: 20);
        using var thinking = new SemaphoreSlim(0);
        auth.HubSpot.TokenAnswer = async _ =>
        {
            await thinking.WaitAsync(TestContext.Current.CancellationToken);
            return null;
        };
        auth.Clock.Forward(TimeSpan.FromMinutes(29));
        var asking = auth.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
        await Testing.ServiceUnderTest.UntilAsync(() => Task.FromResult(auth.HubSpot.TokenRequests.Count == 2), "HubSpot is asked for new tokens");
        await auth.DisconnectAsync();
        thinking.Release();
        (await asking).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        await Testing.ServiceUnderTest.UntilAsync(
            () => Task.FromResult(auth.HubSpot.Revocations.Any(r => r.Body.Contains("refresh-token-number-2", StringComparison.Ordinal))), "the new one is revoked");
        await RevokedAsync(auth);
        auth.HubSpot.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_static_token_is_never_revoked()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        await auth.ConnectWithTokenAsync("pat-na1-a-static-token");
        await auth.NextAsync<PrepareProperties>();
        await auth.DisconnectAsync();
        (await auth.StatusAsync()).ToBeRevoked.ShouldBeFalse();
        auth.HubSpot.Revocations.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_approval_counts_although_the_browser_is_closed_while_its_code_waits_for_the_permit()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var line = await AWaitingLine.BehindAsync(auth, going: 1, waiting: 0);
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket());
        using var tab = new CancellationTokenSource();
        var finishing = browser.GetAsync(new Uri($"/oauth/callback?code=c&state={state}", UriKind.Relative), tab.Token);
        await Testing.ServiceUnderTest.UntilAsync(async () => (await auth.MeterAsync()).Throttle.Waiting == 1, "the code waits");
        await tab.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(finishing);
        line.Open();
        await Testing.ServiceUnderTest.UntilAsync(async () => (await auth.StatusAsync()).Attempt == 2, "it is connected anew");
    }

    [Fact]
    public async Task A_restart_finds_its_tokens_again()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        Guid subscription;
        await using (var before = await AuthUnderTest.StartAsync(folder: folder))
        {
            subscription = before.Subscription;
            await before.SaveAsync();
            await before.ConnectAsync(before.Browser());
            await before.NextAsync<PrepareProperties>();
        }

        await using (var after = await AuthUnderTest.StartAsync(folder: folder, subscription: subscription))
        {
            (await after.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
            after.HubSpot.Calls.Single().Token.ShouldBe("access-token-number-1");
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Lost_keys_are_told_and_reconnecting_heals_them()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        Guid subscription;
        await using (var before = await AuthUnderTest.StartAsync(folder: folder))
        {
            subscription = before.Subscription;
            await before.SaveAsync();
            await before.ConnectAsync(before.Browser());
            await before.NextAsync<PrepareProperties>();
        }

        Directory.Delete(Path.Combine(folder, "keys"), recursive: true);
        await using (var after = await AuthUnderTest.StartAsync(folder: folder, subscription: subscription))
        {
            using var refused = await after.EgressAsync(HttpMethod.Get, "crm/objects/contacts");
            refused.Headers.GetValues("X-HubSpotBus-Egress").Single().ShouldBe("paused");
            (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("keys folder");
            (await after.ConnectAsync(after.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await after.EgressAsync(HttpMethod.Get, "crm/objects/contacts")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        Directory.Delete(folder, recursive: true);
    }

    // HubSpot says whose account it is when it is told to.
    private static TaskCompletionSource<long> HoldAccountInfo(AuthUnderTest auth)
    {
        var whose = new TaskCompletionSource<long>();
        auth.HubSpot.Answer = async call => call.Path.StartsWith("/account-info", StringComparison.Ordinal)
            ? ScriptedHubSpot.Status(200, $$"""{"portalId":{{await whose.Task.WaitAsync(TimeSpan.FromSeconds(20))}}}""")()
            : null;
        return whose;
    }

    private static Task UntilAskedAsync(AuthUnderTest auth, string token) => ServiceUnderTest.UntilAsync(
        () => Task.FromResult(auth.HubSpot.Seen.Any(c => c.Path.StartsWith("/account-info", StringComparison.Ordinal) && c.Token == token)),
        "the account is asked for with the new token");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("the-key-of-the-service")]
    [InlineData("the-key-of-the-services ")]
    [InlineData("THE-KEY-OF-THE-SERVICES")]
    public async Task Without_the_service_key_nothing_inside_answers(string? key)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var outside = auth.Inside(key?.Trim() == key ? key : "x" + key);
        var id = auth.Subscription;
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, $"/egress/{id}/crm/objects/contacts"),
            (HttpMethod.Get, $"/internal/connections/{id}"),
            (HttpMethod.Get, $"/internal/connections/{id}/meter"),
            (HttpMethod.Put, $"/internal/connections/{id}/token"),
            (HttpMethod.Delete, $"/internal/connections/{id}"),
        })
        {
            using var request = new HttpRequestMessage(method, path);
            if (method == HttpMethod.Put)
                request.Content = new StringContent("""{"token":"pat-stolen"}""", null, "application/json");
            using var response = await outside.SendAsync(request, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
        }

        auth.HubSpot.Calls.ShouldBeEmpty();
        (await auth.StatusAsync()).State.ShouldBe(ConnectionState.Connected);
    }

    private static Task RevokedAsync(AuthUnderTest auth) =>
        Testing.ServiceUnderTest.UntilAsync(async () => !(await auth.StatusAsync()).ToBeRevoked, "nothing is to be revoked any more");
}
