using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Webhooks;

public sealed class JournalTests
{
    private const string Journal = "/webhooks-journal/journal/2026-03";

    private readonly record struct Entry(string Offset, string Url, IReadOnlyList<JsonObject> Events);

    [Fact]
    public async Task The_journal_tells_call_by_call_what_its_subscriptions_want()
    {
        await using var simulator = await ListeningAsync(
            Objects(["CREATE", "UPDATE", "DELETE"], "firstname"),
            new { subscriptionType = "ASSOCIATION", portalId = 12345678, objectTypeId = "0-1", actions = new[] { "ASSOCIATION_ADDED" } });
        var contact = await simulator.MakeAsync("contacts", new { firstname = "Ann", lastname = "Lee" });
        simulator.Time.Advance(TimeSpan.FromMinutes(1));
        var company = await simulator.MakeAsync("companies", new { name = "One" });
        await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/contacts/{contact}/associations/default/companies/{company}");
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{contact}");
        await OpenAsync(simulator);

        var first = (await ReadAsync(simulator, "earliest"))!.Value;
        var second = (await ReadAsync(simulator, $"offset/{first.Offset}/next"))!.Value;
        var third = (await ReadAsync(simulator, $"offset/{second.Offset}/next"))!.Value;

        first.Events.Select(e => ((string)e["action"]!, (string)e["objectTypeId"]!, (long)e["objectId"]!, (long)e["portalId"]!))
            .ShouldBe([("CREATE", "0-1", long.Parse(contact), 12345678L), ("UPDATE", "0-1", long.Parse(contact), 12345678L)]);
        first.Events[1]["propertyChanges"]!.ToJsonString().ShouldBe("""{"firstname":"Ann"}""");
        ((string)first.Events[1]["occurredAt"]!).ShouldBe("2026-11-23T09:00:00.000Z");
        var tie = second.Events.Single();
        ((string)tie["action"]!, (string)tie["toObjectTypeId"]!, (long)tie["toObjectId"]!, (int)tie["associationTypeId"]!)
            .ShouldBe(("ASSOCIATION_ADDED", "0-2", long.Parse(company), 279));
        ((string)third.Events.Single()["action"]!).ShouldBe("DELETE");
        (await ReadAsync(simulator, "latest"))!.Value.Offset.ShouldBe(third.Offset);
        (await ReadAsync(simulator, $"offset/{third.Offset}/next")).ShouldBeNull();
    }

    [Fact]
    public async Task An_empty_journal_has_nothing_to_tell_and_an_unknown_offset_is_not_found()
    {
        await using var simulator = await ListeningAsync(Objects(["CREATE"]));
        await OpenAsync(simulator);

        var (earliest, latest) = (await simulator.GetAsync($"{Journal}/earliest"), await simulator.GetAsync($"{Journal}/latest"));
        var unknown = await simulator.GetAsync($"{Journal}/offset/17/next");

        (earliest.Status, latest.Status, unknown.Status).ShouldBe((204, 204, 404));
    }

    [Fact]
    public async Task A_file_is_there_for_some_minutes_and_its_entry_for_three_days()
    {
        await using var simulator = await ListeningAsync(Objects(["CREATE"]));
        await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        await OpenAsync(simulator);
        var entry = (await ReadAsync(simulator, "earliest"))!.Value;

        simulator.Time.Advance(TimeSpan.FromMinutes(10));
        var late = await simulator.GetAsync(entry.Url);
        var anew = await ReadAsync(simulator, "earliest");
        simulator.Time.Advance(TimeSpan.FromDays(3));
        simulator.Token = "pat-sim-12345678";
        await simulator.MakeAsync("contacts", new { firstname = "Bob" });
        await OpenAsync(simulator);
        var gone = await simulator.GetAsync($"{Journal}/offset/{entry.Offset}/next");

        (late.Status, anew!.Value.Offset, gone.Status).ShouldBe((403, entry.Offset, 404));
    }

    [Fact]
    public async Task What_is_older_than_three_days_is_gone_even_when_nothing_happened_since()
    {
        await using var simulator = await ListeningAsync(Objects(["CREATE"]));
        var id = await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        await OpenAsync(simulator);
        var entry = (await ReadAsync(simulator, "earliest"))!.Value;
        var asked = new[] { new { portalId = 12345678, objectId = long.Parse(id), objectTypeId = "0-1", properties = new[] { "firstname" } } };
        var taken = await simulator.PostAsync("/webhooks-journal/snapshots/2026-03/crm", new { snapshotRequests = asked });
        var status = $"{Journal}/status/{taken.Body["snapshotResponses"]![0]!["snapshotStatusId"]}";
        (await simulator.GetAsync(status)).Status.ShouldBe(200);

        simulator.Time.Advance(TimeSpan.FromDays(4));
        await OpenAsync(simulator);

        (await simulator.GetAsync($"{Journal}/earliest")).Status.ShouldBe(204);
        (await simulator.GetAsync($"{Journal}/offset/{entry.Offset}/next")).Status.ShouldBe(404);
        (await simulator.PostAsync($"{Journal}/batch/read", new { inputs = new[] { entry.Offset } })).Errors.Count.ShouldBe(1);
        (await simulator.GetAsync(status)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Several_files_come_at_once_of_all_accounts_or_of_one()
    {
        await using var simulator = await ListeningAsync(Objects(["CREATE"]));
        foreach (var name in new[] { "Ann", "Bob", "Cem" })
        {
            await simulator.MakeAsync("contacts", new { firstname = name });
        }

        await OpenAsync(simulator);
        var earliest = Offsets(await simulator.GetAsync($"{Journal}/batch/earliest/2"));
        var latest = Offsets(await simulator.GetAsync($"{Journal}/batch/latest/2"));
        var next = Offsets(await simulator.GetAsync($"{Journal}/batch/{earliest[0]}/next/100"));
        var local = await simulator.GetAsync("/webhooks-journal/journal-local/2026-03/batch/earliest/2?installPortalId=87654321");
        var read = await simulator.PostAsync($"{Journal}/batch/read", new { inputs = new[] { latest[1] } });
        var some = await simulator.PostAsync($"{Journal}/batch/read", new { inputs = new[] { latest[1], "17" } });
        var none = await simulator.GetAsync($"{Journal}/latest?installPortalId=87654321");

        (earliest.Length, latest.Length, earliest[1], local.Status, none.Status).ShouldBe((2, 2, latest[0], 200, 204));
        next.ShouldBe(latest);
        local.Results.ShouldBeEmpty();
        (read.Status, Offsets(read).Single(), some.Status, Offsets(some).Single(), some.Errors.Count).ShouldBe((200, latest[1], 207, latest[1], 1));
        (await simulator.GetAsync($"{Journal}/batch/earliest/0")).Status.ShouldBe(400);
        (await simulator.GetAsync($"{Journal}/batch/17/next/1")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("pat-sim-12345678")]
    [InlineData("")]
    public async Task Only_a_token_of_the_app_opens_the_journal(string token)
    {
        await using var simulator = await ListeningAsync(Objects(["CREATE"]));
        simulator.Token = token;

        var refused = await simulator.GetAsync($"{Journal}/latest");

        (refused.Status, refused.Category).ShouldBe((401, "INVALID_AUTHENTICATION"));
    }

    private static string[] Offsets(Said said) => [.. said.Results.Select(r => (string)r["currentOffset"]!)];

    private static object Objects(string[] actions, params string[] properties) =>
        new { subscriptionType = "OBJECT", portalId = 12345678, objectTypeId = "0-1", actions, properties };

    private static async Task<ASimulator> ListeningAsync(params object[] subscriptions)
    {
        var simulator = await ASimulator.StartAsync();
        var token = simulator.Token;
        await OpenAsync(simulator);
        foreach (var subscription in subscriptions)
        {
            var said = await simulator.PostAsync("/webhooks-journal/subscriptions/2026-03", subscription);
            said.Status.ShouldBe(200, said.Text);
        }

        simulator.Token = token;
        return simulator;
    }

    private static async Task OpenAsync(ASimulator simulator)
    {
        var said = await simulator.TokenAsync("2026-09", ("grant_type", "client_credentials"), ("scope", "developer.webhooks_journal.read"));
        simulator.Token = (string)said.Body["access_token"]!;
    }

    /// <summary>The entry with what is in its file, which needs no token.</summary>
    private static async Task<Entry?> ReadAsync(ASimulator simulator, string which)
    {
        var said = await simulator.GetAsync($"{Journal}/{which}");
        if (said.Status == 204)
        {
            return null;
        }

        said.Status.ShouldBe(200, said.Text);
        var (offset, url) = ((string)said.Body["currentOffset"]!, new Uri((string)said.Body["url"]!).PathAndQuery);
        (var token, simulator.Token) = (simulator.Token, "");
        var file = await simulator.GetAsync(url);
        simulator.Token = token;
        (file.Status, (string?)file.Body["offset"]).ShouldBe((200, offset));
        ((string?)file.Body["publishedAt"]).ShouldNotBeNull();
        return new Entry(offset, url, [.. file.Body["journalEvents"]!.AsArray().Cast<JsonObject>()]);
    }
}
