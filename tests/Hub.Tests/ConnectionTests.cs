using System.Net;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Customers;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>What the hub makes of what Auth tells.</summary>
public sealed class ConnectionTests
{
    private const string Firm = """{"id":"F1","name":"Firm"}""";

    [Fact]
    public async Task Connecting_that_was_paused_and_resumed_is_still_connecting_and_plans_nothing_before_it_is_connected()
    {
        await using var hub = await AHub.StartAsync();
        var (subscription, id) = await hub.SubscribedAsync();
        await hub.Service.PublishAsync(Authorised(id, 1));
        await hub.UntilConnectionAsync(subscription, "connecting");
        await hub.PutAsync($"{hub.Company}/records/companies/F1", Firm);
        await hub.Service.PublishAsync(new ConnectionPaused { SubscriptionId = id, Reason = "The account is being moved.", Attempt = 1 });
        await hub.UntilConnectionAsync(subscription, "paused");
        await hub.Service.PublishAsync(new ConnectionResumed { SubscriptionId = id, Attempt = 1 });

        await hub.UntilConnectionAsync(subscription, "connecting");
        await hub.Service.QuietAsync();
        (await hub.Service.ReadAsync<HubDb, int>(db => db.BatchExecutions.CountAsync())).ShouldBe(0);
        await hub.Service.PublishAsync(Connected(id, 1));
        (await hub.Service.NextAsync<TransferCustomers>()).Companies.Single().Record.Id.ShouldBe("F1");
    }

    [Fact]
    public async Task A_subscription_that_is_being_connected_again_after_disconnecting_is_not_connected_by_a_pause_that_ends()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        var id = Guid.Parse(subscription.Split('/')[^1]);
        await hub.Service.PublishAsync(new ConnectionPaused { SubscriptionId = id, Reason = "Disconnected.", Attempt = 2 });
        await hub.UntilConnectionAsync(subscription, "paused");
        await hub.Service.PublishAsync(Authorised(id, 3));
        await hub.UntilConnectionAsync(subscription, "connecting");
        await hub.Service.PublishAsync(new ConnectionPaused { SubscriptionId = id, Reason = "The account is being moved.", Attempt = 3 });
        await hub.UntilConnectionAsync(subscription, "paused");
        await hub.Service.PublishAsync(new ConnectionResumed { SubscriptionId = id }); // as a version that does not tell the number

        await hub.UntilConnectionAsync(subscription, "connecting");
    }

    [Fact]
    public async Task What_is_told_of_an_earlier_connect_changes_nothing()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        var id = Guid.Parse(subscription.Split('/')[^1]);
        await hub.Service.PublishAsync(new ConnectionPaused { SubscriptionId = id, Reason = "Disconnected.", Attempt = 2 });
        await hub.UntilConnectionAsync(subscription, "paused");
        await hub.Service.PublishAsync(Connected(id, 1));
        await hub.Service.PublishAsync(new ConnectingFailed { SubscriptionId = id, Attempt = 1, Reason = "no luck" });
        await hub.Service.PublishAsync(new ConnectionResumed { SubscriptionId = id, Attempt = 1 });
        await hub.Service.PublishAsync(Authorised(id, 1));
        await hub.Service.QuietAsync();

        var connection = await hub.GetAsync($"{subscription}/connection");
        ((string)connection["state"]!, (string)connection["reason"]!).ShouldBe(("paused", "Disconnected."));
    }

    [Fact]
    public async Task A_subscription_that_is_connected_stays_so_while_its_account_is_looked_at_again()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.Service.PublishAsync(Authorised(Guid.Parse(subscription.Split('/')[^1]), 2));
        await hub.Service.QuietAsync();
        ((string)(await hub.GetAsync($"{subscription}/connection"))["state"]!).ShouldBe("connected");
        await hub.PutAsync($"{hub.Company}/records/companies/F1", Firm);
        (await hub.Service.NextAsync<TransferCustomers>()).Companies.Single().Record.Id.ShouldBe("F1");
    }

    [Fact]
    public async Task A_subscription_that_is_connected_before_Auth_has_answered_is_not_put_back_to_connecting()
    {
        Func<Task> becomeConnected = () => Task.CompletedTask;
        await using var auth = await AnAuth.StartAsync(async asked =>
        {
            await becomeConnected();
            return asked == "PUT token" ? Results.NoContent() : Results.NotFound();
        });
        await using var hub = await AHub.StartAsync(auth.Settings);
        using var browser = await ABrowser.SignedInAsync(hub, AHub.AdminKey);
        foreach (var byToken in new[] { false, true })
        {
            var (subscription, id) = await hub.SubscribedAsync($$"""{"name":"By token: {{byToken}}"}""");
            becomeConnected = async () =>
            {
                becomeConnected = () => Task.CompletedTask;
                await hub.Service.PublishAsync(Connected(id, 1));
                await hub.Service.QuietAsync();
            };
            using var begun = byToken
                ? await hub.RawAsync(HttpMethod.Put, $"{subscription}/connection/token", """{"token":"pat-na1-a-static-token"}""")
                : await browser.PostAsync($"/subscriptions/{id}/connect");
            begun.StatusCode.ShouldBe(byToken ? HttpStatusCode.NoContent : HttpStatusCode.Found);
            ((string)(await hub.GetAsync($"{subscription}/connection"))["state"]!).ShouldBe("connected", $"by token: {byToken}");
        }
    }

    [Fact]
    public async Task A_token_that_Auth_refuses_leaves_the_subscription_as_it_was()
    {
        await using var auth = await AnAuth.StartAsync(asked => Task.FromResult(asked == "PUT token"
            ? Results.Problem("This is not a HubSpot token.", statusCode: 400)
            : Results.NotFound()));
        await using var hub = await AHub.StartAsync(auth.Settings);
        var (subscription, id) = await hub.SubscribedAsync();
        await hub.SendAsync(HttpMethod.Put, $"{subscription}/connection/token", """{"token":"none"}""", HttpStatusCode.BadRequest);
        ((string)(await hub.GetAsync($"{subscription}/connection"))["state"]!).ShouldBe("notConnected");

        await hub.Service.PublishAsync(new ConnectingFailed { SubscriptionId = id, Attempt = 1, Reason = "no luck" });
        await hub.UntilConnectionAsync(subscription, "failed");
        await hub.SendAsync(HttpMethod.Put, $"{subscription}/connection/token", """{"token":"none"}""", HttpStatusCode.BadRequest);
        var connection = await hub.GetAsync($"{subscription}/connection");
        ((string)connection["state"]!, (string)connection["reason"]!).ShouldBe(("failed", "no luck"));
    }

    private static ConnectionAuthorised Authorised(Guid subscriptionId, int attempt) => new() { SubscriptionId = subscriptionId, Attempt = attempt };

    private static SubscriptionConnected Connected(Guid subscriptionId, int attempt) =>
        new() { SubscriptionId = subscriptionId, Attempt = attempt, HubSpotAccountId = 42, Account = new AccountAbilities() };
}
