using HubSpotBus.HubSpotSimulator.Webhooks;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Webhooks;

public sealed class WebhookManagementTests
{
    private const string App = "/app-webhooks/2026-09/1234444";
    private const string Key = "?hapikey=dev-sim-1234444";

    [Theory]
    [InlineData("/webhooks/v3/1234444")]
    [InlineData("/webhooks/2026-03/1234444")]
    [InlineData(App)]
    public async Task A_subscription_made_by_the_developer_is_delivered_while_it_is_active(string app)
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ASimulator.StartAsync();
        await SetAsync(simulator, receiver.Url.OriginalString, app: app);
        var made = await simulator.PostAsync($"{app}/subscriptions{Key}", new { eventType = "contact.creation", active = true });
        var paused = await simulator.PostAsync($"{app}/subscriptions{Key}", new { eventType = "company.creation" });

        await simulator.MakeAsync("companies", new { name = "One" });
        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        var first = await receiver.NextAsync();
        var patched = await simulator.SendAsync(HttpMethod.Patch, $"{app}/subscriptions/{paused.Body["id"]}{Key}", new { active = true });
        await simulator.SendAsync(HttpMethod.Delete, $"{app}/subscriptions/{made.Body["id"]}{Key}");
        await simulator.MakeAsync("contacts", new { firstname = "Bob" });
        await simulator.MakeAsync("companies", new { name = "Two" });
        var second = await receiver.NextAsync();

        (made.Status, (bool)made.Body["active"]!, (bool)paused.Body["active"]!, (bool)patched.Body["active"]!).ShouldBe((201, true, false, true));
        (first.Types.Single(), second.Types.Single()).ShouldBe(("contact.creation", "company.creation"));
        ((int)second.Events[0]["subscriptionId"]!).ShouldBe(int.Parse((string)paused.Body["id"]!));
    }

    [Fact]
    public async Task Developer_and_admin_interface_have_the_same_settings()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.SendAsync(HttpMethod.Put, "/_simulator/webhooks", new
        {
            targetUrl = "https://example.com/hooks",
            subscriptions = new[] { new { subscriptionType = "object.propertyChange", objectTypeId = "0-123", propertyName = "hs_order_name" } },
        });

        var subscription = (await simulator.GetAsync($"{App}/subscriptions{Key}")).Results.Single();
        await SetAsync(simulator, "https://example.com/other", 6);
        var seen = (await simulator.GetAsync("/_simulator/webhooks")).Body;

        ((string)subscription["eventType"]!, (string)subscription["objectTypeId"]!, (string)subscription["propertyName"]!, (string)subscription["id"]!)
            .ShouldBe(("object.propertyChange", "0-123", "hs_order_name", "1"));
        ((string)seen["targetUrl"]!, (int)seen["maxConcurrentRequests"]!).ShouldBe(("https://example.com/other", 6));
        seen["subscriptions"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_settings_subscriptions_stay_and_wait()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ASimulator.StartAsync();
        await SetAsync(simulator, receiver.Url.OriginalString);
        await simulator.PostAsync($"{App}/subscriptions{Key}", new { eventType = "contact.creation", active = true });

        var deleted = await simulator.SendAsync(HttpMethod.Delete, $"{App}/settings{Key}");
        var gone = await simulator.GetAsync($"{App}/settings{Key}");
        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        await SetAsync(simulator, receiver.Url.OriginalString);
        var id = await simulator.MakeAsync("contacts", new { firstname = "Bob" });

        (deleted.Status, gone.Status).ShouldBe((204, 404));
        ((long)(await receiver.NextAsync()).Events.Single()["objectId"]!).ShouldBe(long.Parse(id));
    }

    [Fact]
    public async Task Several_subscriptions_are_paused_at_once_and_unknown_ones_are_named()
    {
        await using var simulator = await ASimulator.StartAsync();
        foreach (var type in new[] { "contact.creation", "contact.deletion" })
        {
            await simulator.PostAsync($"{App}/subscriptions{Key}", new { eventType = type, active = true });
        }

        var all = await simulator.PostAsync($"{App}/subscriptions/batch/update{Key}",
            new { inputs = new[] { new { id = 1, active = false }, new { id = 2, active = false } } });
        var some = await simulator.PostAsync($"{App}/subscriptions/batch/update{Key}",
            new { inputs = new[] { new { id = 2, active = true }, new { id = 3, active = true } } });

        (all.Status, all.Results.Count, some.Status, some.Results.Count).ShouldBe((200, 2, 207, 1));
        ((string)some.Errors.Single()["context"]!["ids"]![0]!).ShouldBe("3");
        simulator.Host.Store.Webhooks.Subscriptions.Select(s => s.Active).ShouldBe([false, true]);
    }

    [Theory]
    [InlineData("/app-webhooks/2026-09/1234444/settings", 401)]
    [InlineData("/app-webhooks/2026-09/1234444/settings?hapikey=other", 401)]
    [InlineData("/app-webhooks/2026-09/17/subscriptions" + Key, 404)]
    [InlineData("/app-webhooks/2026-09/1234444/subscriptions/17" + Key, 404)]
    [InlineData("/app-webhooks/2026-03/1234444/subscriptions" + Key, 404)]
    [InlineData("/webhooks/2026-09/1234444/subscriptions" + Key, 404)]
    public async Task Who_has_no_key_and_what_is_not_there_is_refused(string path, int status)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.GetAsync(path);

        (refused.Status, refused.Category).ShouldBe((status, status == 401 ? "INVALID_AUTHENTICATION" : null));
    }

    [Theory]
    [InlineData("http://example.com/hooks", 10)]
    [InlineData("ftp://example.com/hooks", 10)]
    [InlineData("/hooks", 10)]
    [InlineData(null, 10)]
    [InlineData("https://example.com/hooks", 5)]
    [InlineData("https://example.com/hooks", 11)]
    [InlineData("https://example.com/hooks", null)]
    public async Task Settings_that_HubSpot_would_not_take_are_refused(string? targetUrl, int? maxConcurrentRequests)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.SendAsync(HttpMethod.Put, $"{App}/settings{Key}",
            new { targetUrl, throttling = new { maxConcurrentRequests } });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
        simulator.Host.Store.Webhooks.TargetUrl.ShouldBeNull();
    }

    [Theory]
    [InlineData("contact.birth", null)]
    [InlineData("object.creation", null)]
    [InlineData("contact.propertyChange", null)]
    [InlineData("contact.propertyChange", "hs_lastmodifieddate")]
    [InlineData("contact.propertyChange", "num_unique_conversion_events")]
    public async Task What_cannot_be_subscribed_to_is_refused(string eventType, string? propertyName)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.PostAsync($"{App}/subscriptions{Key}", new { eventType, propertyName, active = true });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
    }

    [Fact]
    public async Task An_app_has_a_thousand_subscriptions_at_most()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions
        {
            Webhooks = new WebhookSettings
            {
                Subscriptions = [.. Enumerable.Range(1, 1000).Select(i => new WebhookSubscription { Id = i, SubscriptionType = "contact.creation" })],
            },
        });

        var refused = await simulator.PostAsync($"{App}/subscriptions{Key}", new { eventType = "contact.deletion", active = true });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
    }

    [Fact]
    public async Task No_more_requests_are_under_way_than_the_developer_wants()
    {
        await using var receiver = await AReceiver.StartAsync();
        receiver.Answers = _ => null;
        await using var simulator = await ASimulator.StartAsync();
        await simulator.SendAsync(HttpMethod.Put, "/_simulator/webhooks", new { mostEvents = 1, retryDelaysMilliseconds = Array.Empty<int>() });
        await SetAsync(simulator, receiver.Url.OriginalString, 6);
        await simulator.PostAsync($"{App}/subscriptions{Key}", new { eventType = "contact.creation", active = true });

        await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create",
            new { inputs = Enumerable.Range(0, 7).Select(i => new { properties = new { firstname = $"{i}" } }) });
        for (var i = 0; i < 6; i++)
        {
            await receiver.NextAsync();
        }

        // Those that get no answer end, and the seventh has its turn.
        simulator.Time.Advance(TimeSpan.FromSeconds(5));
        var seventh = await receiver.NextAsync();

        seventh.Headers["X-HubSpot-Request-Timestamp"].ShouldBe(simulator.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString());
    }

    [Fact]
    public async Task Subscriptions_without_an_id_get_one_that_no_other_has_or_had()
    {
        await using var simulator = await ASimulator.StartAsync();
        var set = await simulator.SendAsync(HttpMethod.Put, "/_simulator/webhooks", new
        {
            subscriptions = new object[]
            {
                new { subscriptionType = "contact.creation" }, new { subscriptionType = "contact.deletion", id = 1 },
                new { subscriptionType = "contact.merge" },
            },
        });

        await simulator.SendAsync(HttpMethod.Delete, $"{App}/subscriptions/3{Key}");
        var made = await simulator.PostAsync($"{App}/subscriptions{Key}", new { eventType = "contact.restore" });

        set.Body["subscriptions"]!.AsArray().Select(s => (int)s!["id"]!).ShouldBe([2, 1, 3]);
        ((string)made.Body["id"]!).ShouldBe("4");
    }

    [Fact]
    public async Task Two_subscriptions_with_the_same_id_are_refused()
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.SendAsync(HttpMethod.Put, "/_simulator/webhooks", new
        {
            subscriptions = new[] { new { subscriptionType = "contact.creation", id = 7 }, new { subscriptionType = "contact.deletion", id = 7 } },
        });

        (refused.Status, simulator.Host.Store.Webhooks.Subscriptions.Count).ShouldBe((400, 0));
    }

    [Fact]
    public async Task The_developer_and_the_administrator_lose_no_change_of_each_other()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions
        {
            // So many that a change of one takes a while.
            Webhooks = new WebhookSettings
            {
                Subscriptions = [.. Enumerable.Range(1, 1000).Select(i => new WebhookSubscription { Id = i, SubscriptionType = "contact.creation" })],
            },
        });
        var store = simulator.Host.Store;
        var (lost, done) = (0, false);
        var administrator = new Thread(() =>
        {
            for (var most = store.Webhooks.MostEvents; !Volatile.Read(ref done);)
            {
                var settings = store.Webhooks;
                lost += settings.MostEvents == most ? 0 : 1;
                most = most % 100 + 1;
                store.Webhooks = settings with { MostEvents = most };
            }
        })
        { IsBackground = true };

        administrator.Start();
        var statuses = new List<int>();
        for (var i = 0; i < 100; i++)
        {
            statuses.Add((await simulator.SendAsync(HttpMethod.Patch, $"{App}/subscriptions/1{Key}", new { active = i % 2 == 0 })).Status);
        }

        Volatile.Write(ref done, true);
        administrator.Join();
        lost.ShouldBe(0);
        statuses.ShouldAllBe(s => s == 200);
    }

    private static async Task SetAsync(ASimulator simulator, string targetUrl, int maxConcurrentRequests = 10, string app = App)
    {
        var said = await simulator.SendAsync(
            HttpMethod.Put, $"{app}/settings{Key}", new { targetUrl, throttling = new { maxConcurrentRequests } });
        (said.Status, (string?)said.Body["targetUrl"]).ShouldBe((200, targetUrl), said.Text);
    }
}
