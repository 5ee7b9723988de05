using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using HubSpotBus.HubSpotSimulator.Webhooks;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Webhooks;

public sealed class JournalSubscriptionTests
{
    private const string Subscriptions = "/webhooks-journal/subscriptions/2026-03";
    private const string Snapshots = "/webhooks-journal/snapshots/2026-03/crm";

    [Fact]
    public async Task A_subscription_is_made_changed_read_and_deleted()
    {
        await using var simulator = await OpenAsync();
        var made = await simulator.PostAsync(Subscriptions, Contacts("CREATE"));
        var changed = await simulator.PostAsync(Subscriptions, Contacts("CREATE", "DELETE"));
        var other = await simulator.PostAsync(Subscriptions,
            new { subscriptionType = "GDPR_PRIVACY_DELETION", portalId = 87654321, objectTypeId = "0-1", actions = new[] { "GDPR_DELETE" } });

        (made.Status, (long)changed.Body["id"]!, (int)made.Body["appId"]!).ShouldBe((200, (long)made.Body["id"]!, 1234444));
        (await simulator.GetAsync($"{Subscriptions}/{made.Body["id"]}")).Body["actions"]!.ToJsonString().ShouldBe("""["CREATE","DELETE"]""");
        (await simulator.GetAsync(Subscriptions)).Results.Count.ShouldBe(2);
        (await simulator.SendAsync(HttpMethod.Delete, $"{Subscriptions}/portals/87654321")).Status.ShouldBe(204);
        (await simulator.GetAsync($"{Subscriptions}/{other.Body["id"]}")).Status.ShouldBe(404);
        (await simulator.SendAsync(HttpMethod.Delete, $"{Subscriptions}/{made.Body["id"]}")).Status.ShouldBe(204);
        (await simulator.SendAsync(HttpMethod.Delete, $"{Subscriptions}/{made.Body["id"]}")).Status.ShouldBe(404);
        (await simulator.GetAsync(Subscriptions)).Results.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("BIRTHS", 12345678, "0-1", "CREATE", 400)]
    [InlineData("OBJECT", 12345678, "0-1", "BEAR", 400)]
    [InlineData("OBJECT", 12345678, "0-99999", "CREATE", 400)]
    [InlineData("OBJECT", 12345678, null, "CREATE", 400)]
    [InlineData("OBJECT", 17, "0-1", "CREATE", 404)]
    public async Task A_subscription_that_makes_no_sense_is_refused(string type, int portalId, string? objectTypeId, string action, int status)
    {
        await using var simulator = await OpenAsync();

        var refused = await simulator.PostAsync(Subscriptions, new { subscriptionType = type, portalId, objectTypeId, actions = new[] { action } });

        refused.Status.ShouldBe(status, refused.Text);
    }

    [Fact]
    public async Task A_filter_lets_through_records_that_fit_all_its_conditions()
    {
        await using var simulator = await OpenAsync();
        var subscription = (await simulator.PostAsync(Subscriptions, Contacts("CREATE"))).Body["id"]!.ToString();
        var made = await simulator.PostAsync($"{Subscriptions}/filters", new
        {
            subscriptionId = subscription,
            filter = new
            {
                conditions = new object[]
                {
                    new { filterType = "CRM_OBJECT_PROPERTY", property = "city", @operator = "EQ", value = "Bern" },
                    new { filterType = "CRM_OBJECT_PROPERTY", property = "firstname", @operator = "IN", values = new[] { "Ann", "Bob" } },
                },
            },
        });
        await ByTheAccountAsync(simulator, async () =>
        {
            await simulator.MakeAsync("contacts", new { firstname = "Ann", city = "Basel" });
            await simulator.MakeAsync("contacts", new { firstname = "Bob", city = "Bern" });
            await simulator.MakeAsync("contacts", new { firstname = "Cem", city = "Bern" });
        });

        (await JournalAsync(simulator)).Count.ShouldBe(1);
        var filter = await simulator.GetAsync($"{Subscriptions}/filters/{made.Body["filterId"]}");
        ((string)filter.Body["filter"]!["conditions"]![1]!["operator"]!).ShouldBe("IN");
        JsonNode.Parse((await simulator.GetAsync($"{Subscriptions}/filters/subscription/{subscription}")).Text)!.AsArray().Count.ShouldBe(1);
        (await simulator.SendAsync(HttpMethod.Delete, $"{Subscriptions}/filters/{made.Body["filterId"]}")).Status.ShouldBe(204);
        await ByTheAccountAsync(simulator, () => simulator.MakeAsync("contacts", new { firstname = "Dan" }));
        (await JournalAsync(simulator)).Count.ShouldBe(2);
        (await simulator.PostAsync($"{Subscriptions}/filters", new { subscriptionId = subscription })).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("EQ", "10", true)]
    [InlineData("EQ", null, false)]
    [InlineData("N_EQ", "9", true)]
    [InlineData("N_EQ", null, true)]
    [InlineData("IN", "10", true)]
    [InlineData("NOT_IN", "10", false)]
    [InlineData("NOT_IN", null, true)]
    [InlineData("GT", "11", true)]
    [InlineData("GT", "9", false)]
    [InlineData("GTE", "10", true)]
    [InlineData("LT", "9", true)]
    [InlineData("LTE", "11", false)]
    [InlineData("CONTAINS", "3100", true)]
    [InlineData("STARTS_WITH", "103", true)]
    [InlineData("ENDS_WITH", "103", false)]
    [InlineData("IS_EMPTY", null, true)]
    [InlineData("IS_NOT_EMPTY", null, false)]
    public void A_condition_compares_as_its_operator_says(string with, string? value, bool fits) =>
        new JournalCondition("price", with, "10", ["10", "20"]).Fits(value).ShouldBe(fits);

    [Fact]
    public async Task A_snapshot_puts_the_record_into_the_journal_and_says_what_became_of_it()
    {
        await using var simulator = await OpenAsync();
        var id = "";
        await ByTheAccountAsync(simulator, async () => id = await simulator.MakeAsync("contacts", new { firstname = "Ann", lastname = "Lee" }));

        var taken = await simulator.PostAsync(Snapshots, new
        {
            snapshotRequests = new[]
            {
                new { portalId = 12345678, objectId = long.Parse(id), objectTypeId = "0-1", properties = new[] { "firstname" } },
                new { portalId = 12345678, objectId = 17L, objectTypeId = "0-1", properties = new[] { "firstname" } },
            },
        });
        var statusIds = taken.Body["snapshotResponses"]!.AsArray().Select(r => (string)r!["snapshotStatusId"]!).ToList();
        var done = await simulator.GetAsync($"{Snapshots}/status/{statusIds[0]}");
        var failed = await simulator.GetAsync($"/webhooks-journal/journal/2026-03/status/{statusIds[1]}");

        var told = (await JournalAsync(simulator)).Single();
        ((string)told["action"]!, (long)told["objectId"]!, told["propertyChanges"]!.ToJsonString())
            .ShouldBe(("SNAPSHOT", long.Parse(id), """{"firstname":"Ann"}"""));
        ((string)done.Body["status"]!, (string)failed.Body["status"]!, (string)failed.Body["errorCode"]!)
            .ShouldBe(("SUCCESS", "FAILED", "VALIDATION_ERROR"));
        (await simulator.GetAsync($"{Snapshots}/status/17")).Status.ShouldBe(404);
        (await simulator.PostAsync(Snapshots, new { })).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("GET", Subscriptions)]
    [InlineData("POST", Snapshots)]
    [InlineData("GET", "/webhooks-journal/journal/2026-03/batch/latest/1")]
    public async Task Only_a_token_of_the_app_opens_them(string method, string path)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.SendAsync(new HttpMethod(method), path);

        (refused.Status, refused.Category).ShouldBe((401, "INVALID_AUTHENTICATION"));
    }

    private static object Contacts(params string[] actions) =>
        new { subscriptionType = "OBJECT", portalId = 12345678, objectTypeId = "0-1", actions };

    private static async Task<ASimulator> OpenAsync()
    {
        var simulator = await ASimulator.StartAsync();
        var said = await simulator.TokenAsync("2026-09", ("grant_type", "client_credentials"), ("scope", "developer.webhooks_journal.read"));
        simulator.Token = (string)said.Body["access_token"]!;
        return simulator;
    }

    private static async Task ByTheAccountAsync(ASimulator simulator, Func<Task> act)
    {
        (var token, simulator.Token) = (simulator.Token, "pat-sim-12345678");
        await act();
        simulator.Token = token;
    }

    private static async Task<IReadOnlyList<JsonObject>> JournalAsync(ASimulator simulator)
    {
        var events = new List<JsonObject>();
        foreach (var place in (await simulator.GetAsync("/webhooks-journal/journal/2026-03/batch/earliest/100")).Results)
        {
            var file = await simulator.GetAsync(new Uri((string)place["url"]!).PathAndQuery);
            events.AddRange(file.Body["journalEvents"]!.AsArray().Cast<JsonObject>());
        }

        return events;
    }
}
