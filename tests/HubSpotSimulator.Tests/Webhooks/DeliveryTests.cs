using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Webhooks;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Webhooks;

public sealed class DeliveryTests
{
    private const string TestAccount = "/_simulator/portals/87654321/records";

    [Fact]
    public async Task A_lower_limit_counts_the_requests_that_are_under_way_already()
    {
        await using var receiver = await AReceiver.StartAsync();
        receiver.Answers = _ => null;
        await using var simulator = await ASimulator.StartAsync(Listening(receiver, s => s with { MaxConcurrentRequests = 10 }));
        await MakeAsync(simulator, receiver, 10);

        simulator.Host.Store.Webhooks = simulator.Host.Store.Webhooks with { MaxConcurrentRequests = 6 };
        await simulator.MakeAsync("contacts", new { firstname = "11" });
        // Those that get no answer end, and the eleventh has its turn.
        simulator.Time.Advance(TimeSpan.FromSeconds(5));
        var eleventh = await receiver.NextAsync();

        eleventh.Headers["X-HubSpot-Request-Timestamp"].ShouldBe(simulator.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString());
    }

    [Fact]
    public async Task An_account_whose_requests_are_slow_holds_up_no_other()
    {
        await using var receiver = await AReceiver.StartAsync();
        receiver.Answers = _ => null;
        await using var simulator = await ASimulator.StartAsync(Listening(receiver, s => s with { MaxConcurrentRequests = 6 }));
        await MakeAsync(simulator, receiver, 6);

        await simulator.PostAsync($"{TestAccount}/contacts", new { properties = new { firstname = "Ann" } });

        ((long)(await receiver.NextAsync()).Events.Single()["portalId"]!).ShouldBe(87654321);
    }

    [Fact]
    public async Task A_reset_ends_what_is_under_way_and_what_waits_for_its_turn()
    {
        await using var receiver = await AReceiver.StartAsync();
        receiver.Answers = _ => null;
        await using var simulator = await ASimulator.StartAsync(Listening(receiver, s => s with { MaxConcurrentRequests = 6 }));
        await MakeAsync(simulator, receiver, 7, received: 6);

        await simulator.PostAsync("/_simulator/reset");
        var id = await simulator.MakeAsync("contacts", new { firstname = "Ann" });

        ((long)(await receiver.NextAsync()).Events.Single()["objectId"]!).ShouldBe(long.Parse(id));
        receiver.HasMore.ShouldBeFalse();
        (await DeliveriesAsync(simulator)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_not_taken_is_not_tried_again_when_webhooks_go_elsewhere(bool byWayOfNowhere)
    {
        await using var before = await AReceiver.StartAsync();
        await using var after = await AReceiver.StartAsync();
        before.Answers = _ => 500;
        await using var simulator = await ASimulator.StartAsync(Listening(before, s => s with { RetryDelaysMilliseconds = [60_000, 60_000] }));
        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        await before.NextAsync();
        for (var i = 0; i < 1000 && (await DeliveriesAsync(simulator)).Count == 0; i++)
        {
        }

        var store = simulator.Host.Store;
        store.Webhooks = store.Webhooks with { TargetUrl = byWayOfNowhere ? null : after.Url };
        simulator.Time.Advance(TimeSpan.FromMinutes(1));
        store.Webhooks = store.Webhooks with { TargetUrl = after.Url };
        var id = await simulator.MakeAsync("contacts", new { firstname = "Bob" });

        ((long)(await after.NextAsync()).Events.Single()["objectId"]!).ShouldBe(long.Parse(id));
        (before.HasMore, after.HasMore).ShouldBe((false, false));
    }

    private static SimulatorOptions Listening(AReceiver receiver, Func<WebhookSettings, WebhookSettings> with) => new()
    {
        Webhooks = with(new WebhookSettings
        {
            TargetUrl = receiver.Url,
            MostEvents = 1,
            RetryDelaysMilliseconds = [],
            Subscriptions = [new() { SubscriptionType = "contact.creation" }],
        }),
    };

    /// <summary>Makes contacts and waits until as many requests are under way.</summary>
    private static async Task MakeAsync(ASimulator simulator, AReceiver receiver, int count, int? received = null)
    {
        await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create",
            new { inputs = Enumerable.Range(1, count).Select(i => new { properties = new { firstname = $"{i}" } }) });
        for (var i = 0; i < (received ?? count); i++)
        {
            await receiver.NextAsync();
        }
    }

    private static async Task<JsonArray> DeliveriesAsync(ASimulator simulator) =>
        (JsonArray)JsonNode.Parse((await simulator.GetAsync("/_simulator/webhooks/deliveries")).Text)!;
}
