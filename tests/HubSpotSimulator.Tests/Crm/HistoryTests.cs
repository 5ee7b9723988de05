using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class HistoryTests
{
    private const string Products = "/crm/objects/2026-09/products";
    private const string Contacts = "/crm/objects/2026-09/contacts";

    [Fact]
    public async Task A_read_tells_what_a_property_was_newest_first_and_who_changed_it()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("products", new { name = "Tea", price = "1" });
        simulator.Time.Advance(TimeSpan.FromMinutes(1));
        await SetAsync(simulator, $"{Products}/{id}", new { price = "2" });
        simulator.Time.Advance(TimeSpan.FromMinutes(1));
        await SetAsync(simulator, $"{ASimulator.People}/products/{id}", new { price = "" });

        var read = await simulator.GetAsync($"{Products}/{id}?properties=name&propertiesWithHistory=price,name,hs_sku,no_such");

        Versions(read.Body, "price").ShouldBe(
        [
            ("", "2026-11-23T09:02:00.000Z", "CRM_UI", "userId:123"),
            ("2", "2026-11-23T09:01:00.000Z", "INTEGRATION", "1234444"),
            ("1", "2026-11-23T09:00:00.000Z", "INTEGRATION", "1234444"),
        ]);
        Versions(read.Body, "name").ShouldBe([("Tea", "2026-11-23T09:00:00.000Z", "INTEGRATION", "1234444")]);
        Versions(read.Body, "hs_sku").ShouldBeEmpty();
        var history = read.Body["propertiesWithHistory"]!.AsObject();
        history.ContainsKey("no_such").ShouldBeFalse();
        history["price"]!.AsArray().Select(v => (int?)v!["updatedByUserId"]).ShouldBe([123, null, null]);
        // As in recorded answers, what is asked for with its history is not among the properties for that.
        read.Body["properties"]!.AsObject().ContainsKey("price").ShouldBeFalse();
    }

    [Fact]
    public async Task Lists_and_batch_reads_tell_histories_when_asked_and_of_fifty_records_at_most()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("products", new { name = "Tea", price = "1" });
        await SetAsync(simulator, $"{Products}/{id}", new { price = "2" });
        object Read(int count) => new
        {
            propertiesWithHistory = new[] { "price" }, inputs = Enumerable.Range(0, count).Select(i => new { id = i == 0 ? id : $"{i}" }),
        };

        var list = await simulator.GetAsync($"{Products}?limit=50&propertiesWithHistory=price");
        var batch = await simulator.PostAsync($"{Products}/batch/read", Read(50));
        var longList = await simulator.GetAsync($"{Products}?limit=51&propertiesWithHistory=price");
        var longBatch = await simulator.PostAsync($"{Products}/batch/read", Read(51));
        var plain = await simulator.GetAsync($"{Products}?limit=100");

        Versions(list.Results.Single(), "price").Select(v => v.Value).ShouldBe(["2", "1"]);
        Versions(batch.Results.Single(), "price").Select(v => v.Value).ShouldBe(["2", "1"]);
        (longList.Status, longBatch.Status, plain.Status).ShouldBe((400, 400, 200));
        longBatch.Message!.ShouldContain("property histories is 50");
        plain.Results.Single().ContainsKey("propertiesWithHistory").ShouldBeFalse();
    }

    [Fact]
    public async Task The_twenty_newest_values_are_kept_and_a_write_that_changes_nothing_adds_none()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("contacts", new { firstname = "0", lastname = "Lee" });
        for (var i = 1; i <= 25; i++)
        {
            await SetAsync(simulator, $"{Contacts}/{id}", new { firstname = $"{i}", lastname = "Lee" });
        }

        var read = await simulator.GetAsync($"{Contacts}/{id}?propertiesWithHistory=firstname,lastname,lastmodifieddate");

        Versions(read.Body, "firstname").Select(v => v.Value).ShouldBe(Enumerable.Range(6, 20).Reverse().Select(i => $"{i}"));
        Versions(read.Body, "lastname").Select(v => v.Value).ShouldBe(["Lee"]);
        Versions(read.Body, "lastmodifieddate").Single().At.ShouldBe((string)read.Body["updatedAt"]!);
    }

    [Fact]
    public async Task The_amount_of_a_line_has_a_history_too()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("line_items", new { name = "Tea", price = "10", quantity = "1" });
        await SetAsync(simulator, $"/crm/objects/2026-09/line_items/{id}", new { quantity = "3" });

        var read = await simulator.GetAsync($"/crm/objects/2026-09/line_items/{id}?propertiesWithHistory=amount");

        Versions(read.Body, "amount").Select(v => v.Value).ShouldBe(["30", "10"]);
    }

    [Fact]
    public async Task A_merged_record_has_the_history_of_the_primary_one_and_what_the_other_brought()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, bob) = (await simulator.MakeAsync("contacts", new { firstname = "An" }),
            await simulator.MakeAsync("contacts", new { firstname = "Bob", jobtitle = "Chef" }));
        simulator.Time.Advance(TimeSpan.FromMinutes(1));
        await SetAsync(simulator, $"{Contacts}/{ann}", new { firstname = "Ann" });
        simulator.Time.Advance(TimeSpan.FromMinutes(1));
        await simulator.PostAsync($"{Contacts}/merge", new { primaryObjectId = ann, objectIdToMerge = bob });

        var read = await simulator.GetAsync($"{Contacts}/{ann}?propertiesWithHistory=firstname,jobtitle");

        Versions(read.Body, "firstname").Select(v => v.Value).ShouldBe(["Ann", "An"]);
        Versions(read.Body, "jobtitle").Select(v => (v.Value, v.At)).ShouldBe([("Chef", "2026-11-23T09:02:00.000Z")]);
    }

    private static async Task SetAsync(ASimulator simulator, string path, object properties) =>
        (await simulator.SendAsync(HttpMethod.Patch, path, new { properties })).Status.ShouldBe(200);

    private static IEnumerable<(string Value, string At, string Source, string SourceId)> Versions(JsonObject record, string property) =>
        record["propertiesWithHistory"]![property]!.AsArray().Select(v =>
            ((string)v!["value"]!, (string)v["timestamp"]!, (string)v["sourceType"]!, (string)v["sourceId"]!));
}
