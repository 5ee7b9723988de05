using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using HubSpotBus.Auth.Webhooks;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Webhooks;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Webhooks;

public sealed class ReceiveWebhookTests
{
    [Fact]
    public async Task A_signed_webhook_is_told_to_the_subscription_of_its_account()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        (await new AWebhook().SendAndReadAsync(auth)).ShouldBe((HttpStatusCode.OK, ""));
        var fact = await auth.NextAsync<HubSpotRecordsChanged>();
        (fact.SubscriptionId, fact.HubSpotAccountId, fact.ObjectType).ShouldBe((auth.Subscription, ScriptedHubSpot.Account, "contacts"));
        var change = fact.Changes.Single();
        (change.ObjectId, change.Kind, change.Property, change.Source, change.SourceId).ShouldBe(
            ("101", HubSpotChangeKind.PropertyChanged, "email", "CRM_UI", "userId:9"));
        change.OccurredAt.ToUnixTimeMilliseconds().ShouldBe(1_750_000_000_123);
    }

    [Fact]
    public async Task Each_object_type_and_each_subscription_of_the_account_is_told_by_itself()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var other = await ConnectOtherAsync(auth);
        (await new AWebhook
        {
            Text = AWebhook.Json(AWebhook.Event(1), AWebhook.Event(2), AWebhook.Event(3, "company.creation")),
        }.SendAsync(auth)).ShouldBe(HttpStatusCode.OK);
        await auth.Service.QuietAsync();
        var told = await AllAsync(auth);
        told.Select(f => (f.SubscriptionId, f.ObjectType, Ids(f))).ShouldBe(
        [
            (auth.Subscription, "contacts", "1 2"), (auth.Subscription, "companies", "3"), (other, "contacts", "1 2"), (other, "companies", "3"),
        ], ignoreOrder: true);
    }

    [Fact]
    public async Task A_disconnected_subscription_is_not_told()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        using var disconnected = await auth.Inside().DeleteAsync(
            new Uri($"/internal/connections/{auth.Subscription}", UriKind.Relative), TestContext.Current.CancellationToken);
        disconnected.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await NothingIsToldAsync(auth, new AWebhook(), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_subscription_with_a_static_token_is_not_told()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync();
        (await auth.ConnectWithTokenAsync("pat-na1-a-static-token")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await auth.NextAsync<AccountIdentified>()).HubSpotAccountId.ShouldBe(ScriptedHubSpot.Account);
        await NothingIsToldAsync(auth, new AWebhook(), HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_not_signed_by_HubSpot_for_this_installation_is_refused_without_a_word()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var (right, reordered) = (AWebhook.Json(AWebhook.Event()), Reordered(AWebhook.Json(AWebhook.Event())));
        JsonNode.DeepEquals(JsonNode.Parse(right), JsonNode.Parse(reordered)).ShouldBeTrue();
        reordered.ShouldNotBe(right);
        AWebhook[] wrong =
        [
            new() { Version = null },
            new() { Signature = "" },
            new() { Signature = "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=" },
            new() { SignedUrl = "https://bus.example/webhooks/hubspot" },
            new() { SignedUrl = "http://127.0.0.1/webhooks/hubspot" },
            new() { SignedBody = Encoding.UTF8.GetBytes(right), Text = reordered },
            new() { SignedBody = Encoding.UTF8.GetBytes(right), Text = right + "\n" },
            new() { SignedBody = [], Text = right },
            new() { Off = TimeSpan.FromSeconds(-301) },
            new() { Off = TimeSpan.FromSeconds(302) },
            new() { Version = "v1" },
            new() { Version = "v2" },
        ];
        foreach (var webhook in wrong)
            (await webhook.SendAndReadAsync(auth)).ShouldBe((HttpStatusCode.Unauthorized, ""));
        await NothingIsToldAsync(auth, new AWebhook { Text = reordered, Off = TimeSpan.FromMinutes(6) }, HttpStatusCode.Unauthorized);
        auth.Service.Log.All.Count(line => line.Contains("A webhook was answered with 401", StringComparison.Ordinal)).ShouldBe(wrong.Length + 1);
    }

    [Fact]
    public async Task The_query_of_the_address_is_signed_as_well()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        (await new AWebhook { Query = "?shop=a%40b" }.SendAsync(auth)).ShouldBe(HttpStatusCode.OK);
        await auth.NextAsync<HubSpotRecordsChanged>();
    }

    [Theory]
    [InlineData("GET", "application/json", 405)]
    [InlineData("PUT", "application/json", 405)]
    [InlineData("DELETE", "application/json", 405)]
    [InlineData("POST", "text/plain", 415)]
    [InlineData("POST", "application/x-www-form-urlencoded", 415)]
    public async Task Another_method_or_content_is_refused_though_it_is_signed(string method, string contentType, int status)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await NothingIsToldAsync(auth, new AWebhook { Method = new HttpMethod(method), ContentType = contentType }, (HttpStatusCode)status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("")]
    public async Task A_body_that_is_no_array_is_refused_though_it_is_signed(string body)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await NothingIsToldAsync(auth, new AWebhook { Text = body }, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(10 * 1024 * 1024)]
    [InlineData((1024 * 1024) + 1)]
    public async Task A_body_of_more_than_one_megabyte_is_refused_whether_it_says_its_length_or_not(int bytes)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await NothingIsToldAsync(auth, new AWebhook { Body = new byte[bytes] }, HttpStatusCode.RequestEntityTooLarge);
        using var http = auth.Service.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, ReceiveWebhook.Path) { Content = JsonContent.Create(new string('x', bytes)) };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_hundred_large_events_come_through_in_one_request()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var events = Enumerable.Range(1, 100).Select(i => AWebhook.Event(i, propertyValue: new string('x', 10_000))).ToArray();
        (await new AWebhook { Text = AWebhook.Json(events) }.SendAsync(auth)).ShouldBe(HttpStatusCode.OK);
        (await auth.NextAsync<HubSpotRecordsChanged>()).Changes.Count.ShouldBe(100);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task An_older_signature_is_accepted_when_that_is_switched_on(string version)
    {
        await using var auth = await AuthUnderTest.ConnectedAsync(new() { ["Webhooks:AcceptOldSignatures"] = "true" });
        (await new AWebhook { Version = version, Signature = "wrong" }.SendAsync(auth)).ShouldBe(HttpStatusCode.Unauthorized);
        (await new AWebhook { Version = version }.SendAsync(auth)).ShouldBe(HttpStatusCode.OK);
        await auth.NextAsync<HubSpotRecordsChanged>();
    }

    [Fact]
    public async Task Without_an_app_there_is_no_secret_and_nothing_is_accepted()
    {
        await using var auth = await AuthUnderTest.StartAsync(
            new() { ["HubSpotApp:ClientId"] = "", ["HubSpotApp:ClientSecret"] = "", ["Webhooks:AcceptOldSignatures"] = "true" });
        var body = AWebhook.Json(AWebhook.Event());
        var unsigned = new SignedRequest { Method = "POST", Url = "http://bus.example/webhooks/hubspot", Body = Encoding.UTF8.GetBytes(body) };
        await NothingIsToldAsync(auth, new AWebhook { Text = body, Version = "v1", Signature = unsigned.SignV1("") }, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_event_told_many_times_at_once_or_again_later_is_published_once()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var first = new AWebhook { Text = AWebhook.Json(AWebhook.Event(1), AWebhook.Event(2), AWebhook.Event(1)) };
        var sent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => first.SendAsync(auth)));
        sent.ShouldAllBe(status => status == HttpStatusCode.OK);
        await auth.Service.QuietAsync();
        (await AllAsync(auth)).SelectMany(f => f.Changes).Select(c => c.ObjectId).Order().ShouldBe(["1", "2"]);

        // Told again: another attempt, in another order, with news among it. An event's number is not its own.
        var again = new AWebhook { Text = AWebhook.Json(AWebhook.Event(3), AWebhook.Event(2, attemptNumber: 1), AWebhook.Event(1, eventId: 9)) };
        (await again.SendAsync(auth)).ShouldBe(HttpStatusCode.OK);
        (await auth.NextAsync<HubSpotRecordsChanged>()).Changes.Single().ObjectId.ShouldBe("3");
    }

    [Fact]
    public async Task What_was_told_is_remembered_for_longer_than_HubSpot_repeats_it_and_then_forgotten()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await new AWebhook().SendAsync(auth);
        await auth.NextAsync<HubSpotRecordsChanged>();
        await auth.Service.QuietAsync();
        (await KeptAfterCleaningAsync(auth, auth.Clock.GetUtcNow().AddMinutes(-1))).ShouldBe(1);
        (await KeptAfterCleaningAsync(auth, auth.Clock.GetUtcNow().AddMinutes(1))).ShouldBe(0);
    }

    [Fact]
    public async Task Events_of_an_account_that_nobody_here_knows_are_accepted_and_mentioned_once()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        for (var id = 1; id <= 3; id++)
            await NothingIsToldAsync(auth, new AWebhook { Text = AWebhook.Json(AWebhook.Event(id, portalId: 999)) }, HttpStatusCode.OK);
        auth.Service.Log.All.Count(line => line.Contains("account 999", StringComparison.Ordinal)).ShouldBe(1);
        (await auth.Service.ReadAsync<AuthDb, int>(db => db.SeenHubSpotEvents.CountAsync(TestContext.Current.CancellationToken))).ShouldBe(0);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_costs_the_request_and_no_event()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.QuietAsync();
        await using (var writer = new SqliteConnection($"Data Source={Path.Combine(auth.Service.Folder, "hubspotbus.db")};Pooling=False"))
        {
            await writer.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = writer.BeginTransaction(deferred: false);
            (await new AWebhook().SendAndReadAsync(auth)).ShouldBe((HttpStatusCode.ServiceUnavailable, ""));
        }

        // HubSpot sends it again; what was stored late after all is told once nevertheless.
        (await new AWebhook().SendAsync(auth)).ShouldBe(HttpStatusCode.OK);
        await auth.NextAsync<HubSpotRecordsChanged>();
        await auth.Service.QuietAsync();
        auth.Service.Waiting<HubSpotRecordsChanged>().ShouldBe(0);
    }

    [Fact]
    public async Task Of_a_crowd_that_comes_while_the_store_stands_still_the_first_wait_for_it_and_the_rest_are_sent_again()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await auth.Service.QuietAsync();
        await using (var writer = new SqliteConnection($"Data Source={Path.Combine(auth.Service.Folder, "hubspotbus.db")};Pooling=False"))
        {
            await writer.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = writer.BeginTransaction(deferred: false);
            var crowd = Enumerable.Range(1, 150).Select(n => new AWebhook { Body = Encoding.UTF8.GetBytes(AWebhook.Json(AWebhook.Event(objectId: n))) }.SendAsync(auth));
            (await Task.WhenAll(crowd)).ShouldAllBe(status => status == HttpStatusCode.ServiceUnavailable);
        }

        var told = 0;
        await ServiceUnderTest.UntilAsync(async () =>
        {
            while (auth.Service.Waiting<HubSpotRecordsChanged>() > 0)
                told += (await auth.NextAsync<HubSpotRecordsChanged>()).Changes.Count;
            return told > 0;
        }, "what waited is stored and told");
        await auth.Service.QuietAsync();
        told += (await AllAsync(auth)).Sum(f => f.Changes.Count);
        told.ShouldBeLessThanOrEqualTo(50, "nobody whose request was given up fills the memory");
    }

    [Fact]
    public async Task Each_of_a_crowd_is_answered_200_and_told_once()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        var crowd = Enumerable.Range(1, 20).Select(n => new AWebhook { Body = Encoding.UTF8.GetBytes(AWebhook.Json(AWebhook.Event(objectId: n))) }.SendAsync(auth));
        (await Task.WhenAll(crowd)).ShouldAllBe(status => status == HttpStatusCode.OK);
        await auth.Service.QuietAsync();
        (await AllAsync(auth)).SelectMany(f => f.Changes).Select(c => int.Parse(c.ObjectId, null)).Order().ShouldBe(Enumerable.Range(1, 20));
    }

    [Fact]
    public async Task Neither_secret_nor_values_of_records_stand_in_the_log_or_on_the_bus()
    {
        await using var auth = await AuthUnderTest.ConnectedAsync();
        await new AWebhook().SendAsync(auth);
        await new AWebhook { Signature = "wrong" }.SendAsync(auth);
        var fact = await auth.NextAsync<HubSpotRecordsChanged>();
        fact.Changes.Single().ToString().ShouldNotContain("ann@example.com");
        auth.Service.Log.All.ShouldAllBe(line => !line.Contains(AWebhook.Secret) && !line.Contains("ann@example.com"));
    }

    [Fact]
    public async Task What_changes_in_HubSpot_comes_doubled_and_reversed_and_is_told_once()
    {
        await using var auth = await AuthUnderTest.WithASubscriptionAsync(new() { ["HubSpotApp:PublicUrl"] = null });
        auth.HubSpot.AccountId = ASimulatedHubSpot.PortalId;
        (await auth.ConnectAsync(auth.Browser())).StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions
        {
            ClientSecret = AWebhook.Secret,
            Webhooks = new WebhookSettings
            {
                TargetUrl = new Uri(auth.Service.BaseAddress, ReceiveWebhook.Path),
                Doubles = true,
                Reverses = true,
                Subscriptions =
                [
                    new() { Id = 1, SubscriptionType = "contact.creation" },
                    new() { Id = 2, SubscriptionType = "contact.propertyChange", PropertyName = "email" },
                    new() { Id = 3, SubscriptionType = "object.creation", ObjectTypeId = "0-123" },
                ],
            },
        });
        using var http = simulator.CreateClient();
        await MakeAsync(http, 87654321, "contacts", new { email = "stranger@example.com" });
        var contact = await MakeAsync(http, ASimulatedHubSpot.PortalId, "contacts", new { email = "ann@example.com" });
        var order = await MakeAsync(http, ASimulatedHubSpot.PortalId, "orders", new { hs_order_name = "1" });

        var told = new List<HubSpotRecordsChanged>();
        while (told.Sum(f => f.Changes.Count) < 3)
            told.Add(await auth.NextAsync<HubSpotRecordsChanged>());
        told.SelectMany(f => f.Changes.Select(c => (f.ObjectType, c.ObjectId, c.Kind, c.Property))).ShouldBe(
        [
            ("contacts", contact, HubSpotChangeKind.Created, null),
            ("contacts", contact, HubSpotChangeKind.PropertyChanged, "email"),
            ("orders", order, HubSpotChangeKind.Created, null),
        ], ignoreOrder: true);
        await ServiceUnderTest.UntilAsync(async () => await DeliveredAsync(http) >= 2 * 5, "all events have been taken, in however few requests");
        await auth.Service.QuietAsync();
        auth.Service.Waiting<HubSpotRecordsChanged>().ShouldBe(0);
    }

    private static async Task NothingIsToldAsync(AuthUnderTest auth, AWebhook webhook, HttpStatusCode status)
    {
        (await webhook.SendAndReadAsync(auth)).ShouldBe((status, ""));
        await auth.Service.QuietAsync();
        auth.Service.Waiting<HubSpotRecordsChanged>().ShouldBe(0);
    }

    private static async Task<Guid> ConnectOtherAsync(AuthUnderTest auth)
    {
        var other = NewId.NextGuid();
        await auth.SaveAsync(saved => saved with { SubscriptionId = other });
        var browser = auth.Browser();
        var state = await AuthUnderTest.StateAsync(browser, auth.Ticket(subscription: other));
        (await AuthUnderTest.CallbackAsync(browser, $"code=c&state={state}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        return other;
    }

    private static async Task<List<HubSpotRecordsChanged>> AllAsync(AuthUnderTest auth)
    {
        var all = new List<HubSpotRecordsChanged>();
        while (auth.Service.Waiting<HubSpotRecordsChanged>() > 0)
            all.Add(await auth.NextAsync<HubSpotRecordsChanged>());
        return all;
    }

    private static Task<int> KeptAfterCleaningAsync(AuthUnderTest auth, DateTimeOffset before) => auth.Service.ReadAsync<AuthDb, int>(async db =>
    {
        await db.DeleteOldAsync(before, TestContext.Current.CancellationToken);
        return await db.SeenHubSpotEvents.CountAsync(TestContext.Current.CancellationToken);
    });

    private static async Task<string> MakeAsync(HttpClient http, long account, string type, object properties)
    {
        using var made = await http.PostAsJsonAsync($"/_simulator/portals/{account}/records/{type}", new { properties });
        made.EnsureSuccessStatusCode();
        return (string)JsonNode.Parse(await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]!;
    }

    private static async Task<int> DeliveredAsync(HttpClient http) => (await http.GetFromJsonAsync<JsonArray>("/_simulator/webhooks/deliveries"))!
        .Where(d => (int)d!["status"]! == 200).Sum(d => (int)d!["events"]!);

    private static string Ids(HubSpotRecordsChanged fact) => string.Join(' ', fact.Changes.Select(c => c.ObjectId).Order());

    private static string Reordered(string json) => new JsonArray(
        [.. JsonNode.Parse(json)!.AsArray().Select(e => new JsonObject(e!.AsObject().Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))))]).ToJsonString();
}
