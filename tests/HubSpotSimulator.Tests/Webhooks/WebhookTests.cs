using HubSpotBus.HubSpotSimulator.Webhooks;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Webhooks;

public sealed class WebhookTests
{
    private const string Contacts = "/crm/objects/2026-09/contacts";

    [Theory]
    [InlineData("{'example_field':'example_value'}", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=")]
    [InlineData("{\"example_field\":\"example_value\"}", "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go=")]
    public void Signature_v3_is_that_of_the_published_vectors(string body, string signature) => WebhookSignature
        .V3("yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "POST", "https://www.example.com/webhook_uri", body, 1_693_657_560_000)
        .ShouldBe(signature);

    [Fact]
    public void Signature_v1_is_that_of_the_published_vector() => WebhookSignature
        .V1("yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "{'example_field':'example_value'}")
        .ShouldBe("69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750");

    [Fact]
    public async Task A_write_of_the_app_comes_back_signed_as_a_change_by_an_integration()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "contact.creation", "contact.propertyChange:firstname");

        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com", firstname = "Ann" });
        var received = await receiver.NextAsync();

        received.Types.ShouldBe(["contact.creation", "contact.propertyChange"]);
        var change = received.Events[1];
        ((long)change["objectId"]!, (long)change["portalId"]!, (int)change["attemptNumber"]!).ShouldBe((long.Parse(id), 12345678L, 0));
        ((string)change["propertyName"]!, (string)change["propertyValue"]!).ShouldBe(("firstname", "Ann"));
        ((string)change["changeSource"]!, (string)change["sourceId"]!).ShouldBe(("INTEGRATION", "1234444"));
        ((long)change["occurredAt"]!).ShouldBe(simulator.Time.GetUtcNow().ToUnixTimeMilliseconds());
        ((string)received.Events[0]["changeFlag"]!, (int)received.Events[0]["subscriptionId"]!).ShouldBe(("NEW", 1));
        var timestamp = long.Parse(received.Headers["X-HubSpot-Request-Timestamp"]);
        received.Headers["X-HubSpot-Signature-v3"].ShouldBe(
            WebhookSignature.V3("hubspotbus-demo-secret", "POST", receiver.Url.OriginalString, received.Body, timestamp));
        received.Headers["X-HubSpot-Signature"].ShouldBe(WebhookSignature.V1("hubspotbus-demo-secret", received.Body));
        received.Headers["X-HubSpot-Signature-Version"].ShouldBe("v1");
    }

    [Fact]
    public async Task What_a_person_changes_says_so_and_what_stays_the_same_is_not_told()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "contact.propertyChange");
        var made = await simulator.PostAsync(
            $"{ASimulator.People}/contacts", new { properties = new { firstname = "Ann", lastname = "Lee" } });
        await receiver.NextAsync();

        await simulator.SendAsync(HttpMethod.Patch, $"{ASimulator.People}/contacts/{made.Body["id"]}",
            new { properties = new { firstname = "Ann", lastname = "" } });
        var change = (await receiver.NextAsync()).Events.Single();

        ((string)change["propertyName"]!, (string)change["propertyValue"]!).ShouldBe(("lastname", ""));
        ((string)change["changeSource"]!, (string)change["sourceId"]!).ShouldBe(("CRM_UI", "userId:123"));
    }

    [Fact]
    public async Task A_contact_that_is_deleted_for_good_is_told_as_that_and_not_as_archived()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "contact.privacyDeletion", "contact.deletion");
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        await simulator.PostAsync($"{Contacts}/gdpr-delete", new { objectId = "ann@example.com", idProperty = "email" });
        var told = (await receiver.NextAsync()).Events.Single();

        ((string)told["subscriptionType"]!, (long)told["objectId"]!).ShouldBe(("contact.privacyDeletion", long.Parse(id)));
    }

    [Fact]
    public async Task Orders_are_told_of_in_the_generic_form()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "object.creation/0-123", "object.deletion/0-123", "object.creation/0-1");

        var id = await simulator.MakeOrderAsync();
        var creation = (await receiver.NextAsync()).Events.Single();
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/orders/{id}");
        var deletion = (await receiver.NextAsync()).Events.Single();

        ((string)creation["subscriptionType"]!, (string)creation["objectTypeId"]!, (long)creation["objectId"]!)
            .ShouldBe(("object.creation", "0-123", long.Parse(id)));
        ((string)deletion["subscriptionType"]!, (string)deletion["changeFlag"]!).ShouldBe(("object.deletion", "DELETED"));
    }

    [Fact]
    public async Task An_account_may_tell_nothing_of_orders_and_name_the_source_of_the_apps_writes_otherwise()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "object.creation/0-123", "contact.creation");
        simulator.Switch(new() { OrdersAreNotTold = true, ApiChangeSource = "API" });

        await simulator.MakeOrderAsync();
        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        var only = (await receiver.NextAsync()).Events.Single();

        ((string)only["subscriptionType"]!, (string)only["changeSource"]!).ShouldBe(("contact.creation", "API"));
    }

    [Fact]
    public async Task A_merge_is_a_merge_and_a_deletion_and_a_restored_record_is_told_of()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "contact.merge", "contact.deletion", "contact.restore");
        var (ann, bob) = (await simulator.MakeAsync("contacts", new { firstname = "Ann" }),
            await simulator.MakeAsync("contacts", new { firstname = "Bob", jobtitle = "Chef" }));

        var merged = await simulator.PostAsync($"{Contacts}/merge", new { primaryObjectId = ann, objectIdToMerge = bob });
        var received = await receiver.NextAsync();
        await simulator.SendAsync(HttpMethod.Delete, $"{ASimulator.People}/contacts/{merged.Body["id"]}");
        await receiver.NextAsync();
        await simulator.PostAsync($"{ASimulator.People}/contacts/{merged.Body["id"]}/restore");
        var restored = await receiver.NextAsync();

        received.Types.ShouldBe(["contact.merge", "contact.deletion"]);
        var merge = received.Events[0];
        ((long)merge["primaryObjectId"]!, (long)merge["newObjectId"]!).ShouldBe((long.Parse(ann), long.Parse((string)merged.Body["id"]!)));
        merge["mergedObjectIds"]!.AsArray().Select(i => (long)i!).ShouldBe([long.Parse(bob)]);
        ((long)received.Events[1]["objectId"]!).ShouldBe(long.Parse(bob));
        restored.Types.ShouldBe(["contact.restore"]);
    }

    [Fact]
    public async Task A_tie_is_told_of_from_both_sides_and_a_primary_one_with_the_plain_one()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "contact.associationChange", "company.associationChange");
        var contact = await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        var company = await simulator.MakeAsync("companies", new { name = "One" });
        var path = $"{Contacts}/{contact}/associations/companies/{company}";
        var primary = new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = 1 } };

        await simulator.SendAsync(HttpMethod.Put, path, primary);
        var tied = await receiver.NextAsync();
        await simulator.SendAsync(HttpMethod.Put, path, primary);
        await simulator.SendAsync(HttpMethod.Delete, path);
        var untied = await receiver.NextAsync();

        tied.Events.Select(e => ((string)e["associationType"]!, (bool)e["isPrimaryAssociation"]!, (bool)e["associationRemoved"]!)).ShouldBe(
            [("CONTACT_TO_COMPANY", true, false), ("COMPANY_TO_CONTACT", true, false), ("CONTACT_TO_COMPANY", false, false),
                ("COMPANY_TO_CONTACT", false, false)], ignoreOrder: true);
        tied.Events.ShouldAllBe(e => e["objectId"] == null);
        untied.Events.Count.ShouldBe(4);
        untied.Events.ShouldAllBe(e => (bool)e["associationRemoved"]!);
    }

    [Fact]
    public async Task A_request_carries_a_hundred_events_at_most()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "contact.creation", "contact.propertyChange:firstname");

        await simulator.PostAsync($"{Contacts}/batch/create",
            new { inputs = Enumerable.Range(0, 100).Select(i => new { properties = new { firstname = $"{i}" } }) });

        new[] { (await receiver.NextAsync()).Events.Count, (await receiver.NextAsync()).Events.Count }.ShouldBe([100, 100]);
    }

    [Fact]
    public async Task What_is_not_taken_is_sent_again_with_a_growing_number()
    {
        await using var receiver = await AReceiver.StartAsync();
        receiver.Answers = n => n switch { 0 => 500, 1 => 404, _ => 204 };
        await using var simulator = await ListeningAsync(receiver, "contact.creation");

        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        Received[] received = [await receiver.NextAsync(), await receiver.NextAsync(), await receiver.NextAsync()];

        received.Select(r => (int)r.Events.Single()["attemptNumber"]!).ShouldBe([0, 1, 2]);
        received.Select(r => (long)r.Events.Single()["eventId"]!).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_receiver_has_five_seconds()
    {
        await using var receiver = await AReceiver.StartAsync();
        receiver.Answers = n => n == 0 ? null : 200;
        await using var simulator = await ListeningAsync(receiver, "contact.creation");

        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        await receiver.NextAsync();
        simulator.Time.Advance(TimeSpan.FromSeconds(4.9));
        receiver.HasMore.ShouldBeFalse();
        simulator.Time.Advance(TimeSpan.FromSeconds(0.1));

        ((int)(await receiver.NextAsync()).Events.Single()["attemptNumber"]!).ShouldBe(1);
    }

    [Fact]
    public async Task Events_may_come_twice_and_the_wrong_way_round()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, s => s with { Doubles = true, Reverses = true },
            "contact.creation", "contact.propertyChange:firstname");

        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        Received[] received = [await receiver.NextAsync(), await receiver.NextAsync()];

        received.ShouldAllBe(r => r.Types.SequenceEqual(new[] { "contact.propertyChange", "contact.creation" }));
        received[1].Events[0].ToJsonString().ShouldBe(received[0].Events[0].ToJsonString());
    }

    [Fact]
    public async Task Settings_can_be_read_set_and_refused_and_deliveries_be_seen()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ASimulator.StartAsync();

        var set = await simulator.SendAsync(HttpMethod.Put, "/_simulator/webhooks", new
        {
            targetUrl = receiver.Url.OriginalString,
            subscriptions = new[] { new { subscriptionType = "contact.creation" } },
            retryDelaysMilliseconds = Array.Empty<int>(),
        });
        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        await receiver.NextAsync();

        (set.Status, (int)set.Body["subscriptions"]![0]!["id"]!).ShouldBe((200, 1));
        ((string)(await simulator.GetAsync("/_simulator/webhooks")).Body["targetUrl"]!).ShouldBe(receiver.Url.OriginalString);
        (await simulator.GetAsync("/_simulator/webhooks/deliveries")).Status.ShouldBe(200);
        foreach (var wrong in new[] { "order.creation", "contact.birth", "object.creation", "product.associationChange", "contact" })
        {
            (await simulator.SendAsync(HttpMethod.Put, "/_simulator/webhooks",
                new { subscriptions = new[] { new { subscriptionType = wrong } } })).Status.ShouldBe(400, wrong);
        }
    }

    [Fact]
    public async Task A_reset_ends_all_subscriptions()
    {
        await using var receiver = await AReceiver.StartAsync();
        await using var simulator = await ListeningAsync(receiver, "contact.creation");

        await simulator.PostAsync("/_simulator/reset");

        simulator.Host.Store.Webhooks.Subscriptions.ShouldBeEmpty();
    }

    private static Task<ASimulator> ListeningAsync(AReceiver receiver, params string[] subscriptions) =>
        ListeningAsync(receiver, s => s, subscriptions);

    /// <summary>Subscriptions are written as type[/objectTypeId][:property].</summary>
    private static async Task<ASimulator> ListeningAsync(
        AReceiver receiver, Func<WebhookSettings, WebhookSettings> with, params string[] subscriptions)
    {
        var simulator = await ASimulator.StartAsync();
        simulator.Host.Store.Webhooks = with(new WebhookSettings
        {
            TargetUrl = receiver.Url,
            RetryDelaysMilliseconds = [0, 0, 0],
            Subscriptions = [.. subscriptions.Select((s, i) => new WebhookSubscription
            {
                Id = i + 1,
                SubscriptionType = s.Split('/', ':')[0],
                ObjectTypeId = s.Split('/') is [_, var type] ? type : null,
                PropertyName = s.Split(':') is [_, var property] ? property : null,
            })],
        });
        return simulator;
    }
}
