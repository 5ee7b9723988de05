using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class MergeTests
{
    [Fact]
    public async Task A_merge_that_would_exceed_250_identities_is_refused()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { EnforceLimits = false });
        simulator.Switch(new() { MergeKeepsPrimaryId = true });
        var primary = await simulator.MakeAsync("companies", new { name = "0" });
        Said said = null!;
        for (var i = 1; i <= 251; i++)
        {
            var other = await simulator.MakeAsync("companies", new { name = $"{i}" });
            said = await simulator.PostAsync("/crm/objects/2026-09/companies/merge", new { primaryObjectId = primary, objectIdToMerge = other });
            said.Status.ShouldBe(i <= 250 ? 200 : 414);
        }

        (await simulator.RecordsAsync("companies")).Count.ShouldBe(2);
    }

    private const string Contacts = "/crm/objects/2026-09/contacts";

    [Fact]
    public async Task Two_records_become_one_with_a_new_id_and_the_values_of_the_primary_one()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, bob) = await TwoAsync(simulator);

        var merged = await MergeAsync(simulator, ann, bob);
        const string asked = "firstname,jobtitle,hs_merged_object_ids,hs_calculated_merged_vids,hs_additional_emails";
        var read = await simulator.GetAsync($"{Contacts}/{merged.Body["id"]}?properties={asked}");

        merged.Status.ShouldBe(200);
        ((string)merged.Body["id"]!).ShouldNotBeOneOf(ann, bob);
        var properties = read.Body["properties"]!;
        ((string)properties["firstname"]!, (string)properties["jobtitle"]!).ShouldBe(("Ann", "Chef"));
        ((string)properties["hs_merged_object_ids"]!).ShouldBe($"{ann};{bob}");
        ((string)properties["hs_calculated_merged_vids"]!).ShouldStartWith($"{ann}:");
        ((string)properties["hs_additional_emails"]!).ShouldBe("bob@example.com");
        (await simulator.RecordsAsync("contacts")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Reading_and_changing_one_by_an_old_id_reaches_the_survivor_and_a_batch_update_does_not()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, bob) = await TwoAsync(simulator);
        var id = (string)(await MergeAsync(simulator, ann, bob)).Body["id"]!;

        var read = await simulator.GetAsync($"{Contacts}/{ann}");
        var many = await simulator.PostAsync($"{Contacts}/batch/read", new { inputs = new[] { new { id = bob } } });
        var patch = await simulator.SendAsync(HttpMethod.Patch, $"{Contacts}/{bob}", new { properties = new { firstname = "Bea" } });
        var update = await simulator.PostAsync($"{Contacts}/batch/update",
            new { inputs = new[] { new { id = bob, properties = new { firstname = "Cid" } } } });
        var list = await simulator.GetAsync(Contacts);

        (read.Status, (string)read.Body["id"]!).ShouldBe((200, id));
        ((string)many.Results.Single()["id"]!).ShouldBe(id);
        (patch.Status, (string)patch.Body["id"]!).ShouldBe((200, id));
        (update.Status, update.Category).ShouldBe((404, "OBJECT_NOT_FOUND"));
        ((string)list.Results.Single()["properties"]!["firstname"]!).ShouldBe("Bea");
    }

    [Fact]
    public async Task Old_ids_lead_on_through_a_second_merge()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, bob) = await TwoAsync(simulator);
        var first = (string)(await MergeAsync(simulator, ann, bob)).Body["id"]!;
        var cid = await simulator.MakeAsync("contacts", new { firstname = "Cid" });

        var second = (string)(await MergeAsync(simulator, cid, first)).Body["id"]!;

        foreach (var old in new[] { ann, bob, first, cid })
        {
            ((string)(await simulator.GetAsync($"{Contacts}/{old}")).Body["id"]!).ShouldBe(second);
        }
    }

    [Fact]
    public async Task Both_email_addresses_belong_to_the_survivor()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, bob) = await TwoAsync(simulator);
        var id = (string)(await MergeAsync(simulator, ann, bob)).Body["id"]!;

        var taken = await simulator.PostAsync(Contacts, new { properties = new { email = "BOB@example.com" } });
        var upsert = await simulator.PostAsync($"{Contacts}/batch/upsert",
            new { inputs = new[] { new { id = "bob@example.com", idProperty = "email", properties = new { lastname = "Lee" } } } });

        (taken.Status, taken.Message).ShouldBe((409, $"Contact already exists. Existing ID: {id}"));
        ((string)upsert.Results.Single()["id"]!).ShouldBe(id);
    }

    [Fact]
    public async Task Ties_move_to_the_survivor_and_one_company_is_primary()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, bob) = await TwoAsync(simulator);
        var one = await simulator.MakeAsync("companies", new { name = "One" });
        var two = await simulator.MakeAsync("companies", new { name = "Two" });
        var order = await simulator.MakeOrderAsync();
        await TieAsync(simulator, ann, "companies", one, 1);
        await TieAsync(simulator, bob, "companies", two, 1);
        await TieAsync(simulator, bob, "orders", order, 508);

        var id = (string)(await MergeAsync(simulator, ann, bob)).Body["id"]!;

        var companies = await simulator.GetAsync($"{Contacts}/{id}/associations/companies");
        companies.Results.Select(r => r["toObjectId"]!.ToString()).ShouldBe([one, two], ignoreOrder: true);
        var primary = companies.Results.Single(r => r["associationTypes"]!.AsArray().Any(t => (int)t!["typeId"]! == 1));
        primary["toObjectId"]!.ToString().ShouldBe(one);
        var back = await simulator.GetAsync($"/crm/objects/2026-09/orders/{order}/associations/contacts");
        back.Results.Single()["toObjectId"]!.ToString().ShouldBe(id);
    }

    [Theory]
    [InlineData("products")]
    [InlineData("line_items")]
    public async Task Products_and_line_items_cannot_be_merged(string type)
    {
        await using var simulator = await ASimulator.StartAsync();
        var (one, two) = (await simulator.MakeAsync(type, new { name = "One" }), await simulator.MakeAsync(type, new { name = "Two" }));

        var refused = await simulator.PostAsync($"/crm/objects/2026-09/{type}/merge", new { primaryObjectId = one, objectIdToMerge = two });

        refused.Status.ShouldBe(400);
        (await simulator.RecordsAsync(type)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_record_is_not_merged_with_itself_or_with_nobody()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, _) = await TwoAsync(simulator);

        (await MergeAsync(simulator, ann, ann)).Status.ShouldBe(400);
        (await MergeAsync(simulator, ann, "17")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task The_account_may_keep_the_id_of_the_primary_record()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { MergeKeepsPrimaryId = true });
        var (ann, bob) = await TwoAsync(simulator);

        var merged = await MergeAsync(simulator, ann, bob);

        ((string)merged.Body["id"]!, (string)merged.Body["properties"]!["hs_merged_object_ids"]!).ShouldBe((ann, bob));
        ((string)(await simulator.GetAsync($"{Contacts}/{bob}")).Body["id"]!).ShouldBe(ann);
    }

    [Theory]
    [InlineData("companies", "companyinformation", "our_key", false)]
    [InlineData("companies", "companyinformation", "our_key", true)]
    [InlineData("deals", "dealinformation", "our_key", true)]
    [InlineData("orders", "order_information", "our_key", true)]
    [InlineData("contacts", "contactinformation", "our_key", true)]
    [InlineData("contacts", "contactinformation", "email", true)]
    public async Task The_survivor_has_the_unique_value_of_the_primary_record(string type, string group, string key, bool keepsPrimaryId)
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { MergeKeepsPrimaryId = keepsPrimaryId });
        await simulator.PostAsync($"/crm/properties/2026-09/{type}", PropertyTests.Key("our_key", group));
        const string value = "x@example.com";
        var primary = await simulator.MakeAsync(type, new Dictionary<string, string>(Named(type)) { [key] = value });
        var other = await simulator.MakeAsync(type, Named(type));

        var path = $"/crm/objects/2026-09/{type}";
        var merged = await simulator.PostAsync($"{path}/merge", new { primaryObjectId = primary, objectIdToMerge = other });
        var read = await simulator.GetAsync($"{path}/{value}?idProperty={key}");
        var upsert = await simulator.PostAsync($"{path}/batch/upsert",
            new { inputs = new[] { new { id = value, idProperty = key, properties = Named(type) } } });

        var id = (string)merged.Body["id"]!;
        (id == primary).ShouldBe(keepsPrimaryId);
        (read.Status, (string?)read.Body["id"], (string)upsert.Results.Single()["id"]!).ShouldBe((200, id, id));
        (await simulator.RecordsAsync(type)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_person_can_merge_too()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (ann, bob) = await TwoAsync(simulator);

        var merged = await simulator.PostAsync($"{ASimulator.People}/contacts/merge", new { primaryObjectId = ann, objectIdToMerge = bob });

        merged.Status.ShouldBe(200);
        simulator.Host.Calls.Of("contacts.merge").ShouldBe(0);
    }

    private static Dictionary<string, string> Named(string type) => type switch
    {
        "companies" => new() { ["name"] = "A" },
        "deals" => new() { ["dealname"] = "A", ["pipeline"] = "default", ["dealstage"] = "appointmentscheduled" },
        "orders" => new() { ["hs_order_name"] = "A" },
        _ => new() { ["firstname"] = "A" },
    };

    private static async Task<(string Ann, string Bob)> TwoAsync(ASimulator simulator) =>
        (await simulator.MakeAsync("contacts", new { email = "ann@example.com", firstname = "Ann" }),
            await simulator.MakeAsync("contacts", new { email = "bob@example.com", firstname = "Bob", jobtitle = "Chef" }));

    private static Task<Said> MergeAsync(ASimulator simulator, string primary, string other) =>
        simulator.PostAsync($"{Contacts}/merge", new { primaryObjectId = primary, objectIdToMerge = other });

    private static async Task TieAsync(ASimulator simulator, string contact, string to, string id, int type)
    {
        var types = new JsonArray(new JsonObject { ["associationCategory"] = "HUBSPOT_DEFINED", ["associationTypeId"] = type });
        (await simulator.SendAsync(HttpMethod.Put, $"{Contacts}/{contact}/associations/{to}/{id}", types)).Status.ShouldBe(201);
    }
}
