using System.Net;
using HubSpotBus.Auth.Egress;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Contracts.Connections;
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
        var revoked = auth.HubSpot.Seen.Single(c => c.Path == "/oauth/2026-09/token/revoke");
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
        auth.HubSpot.Seen.ShouldNotContain(c => c.Path.EndsWith("/revoke", StringComparison.Ordinal));
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
}
