using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class AssociationLimitTests
{
    private const string Full = "crm.associations.ASSOCIATION_LIMIT_EXCEEDED";

    [Fact]
    public async Task A_company_has_ten_thousand_contacts_and_no_more()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { EnforceLimits = false });
        var company = await simulator.MakeAsync("companies", new { name = "One" });
        var contacts = new List<string>();
        for (var batch = 0; batch < 100; batch++)
        {
            contacts.AddRange(await ContactsAsync(simulator, 100));
        }

        foreach (var some in contacts.Chunk(2000))
        {
            (await AssociateAsync(simulator, company, some)).Status.ShouldBe(200);
        }

        var over = await AssociateAsync(simulator, company, [contacts[0], .. await ContactsAsync(simulator, 1)]);

        // What is there already may be associated again.
        (over.Status, over.Results.Count, (string?)over.Errors.Single()["subCategory"]).ShouldBe((207, 2, Full));
        over.Errors.Single()["context"]!["limit"]!.AsArray().Select(l => (string)l!).ShouldBe(["10000"]);
        var seen = new List<string>();
        for (var after = "0"; after is not null;)
        {
            var page = await simulator.GetAsync($"/crm/objects/2026-09/companies/{company}/associations/contacts?after={after}");
            seen.AddRange(page.Results.Select(r => r["toObjectId"]!.ToString()));
            after = (string?)page.Body["paging"]?["next"]?["after"];
        }

        seen.ShouldBe(contacts);
    }

    [Theory]
    [InlineData("companies", 280)]
    [InlineData("deals", 3)]
    public async Task A_full_record_refuses_every_way_of_tying_one_more(string type, int typeId)
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { MostAssociations = 2 });
        var full = await simulator.MakeAsync(type, type == "deals"
            ? new { dealname = "One", pipeline = "default", dealstage = "closedwon" }
            : new { name = "One" });
        var contacts = await ContactsAsync(simulator, 3);
        await AssociateAsync(simulator, full, contacts.Take(2), type);
        var path = $"/crm/objects/2026-09/{type}/{full}/associations";

        var plain = await simulator.SendAsync(HttpMethod.Put, $"{path}/default/contacts/{contacts[2]}");
        var labelled = await simulator.SendAsync(HttpMethod.Put, $"{path}/contacts/{contacts[2]}",
            new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = typeId } });
        var fromTheOtherSide = await simulator.SendAsync(
            HttpMethod.Put, $"/crm/objects/2026-09/contacts/{contacts[2]}/associations/default/{type}/{full}");
        var brought = await simulator.PostAsync("/crm/objects/2026-09/contacts",
            new { properties = new { firstname = "Dan" }, associations = new[] { AssociationTests.To(full, type == "deals" ? 4 : 279) } });
        var again = await simulator.SendAsync(HttpMethod.Put, $"{path}/default/contacts/{contacts[0]}");

        Said[] refused = [plain, labelled, fromTheOtherSide, brought];
        refused.ShouldAllBe(r => r.Status == 400 && (string?)r.Body["subCategory"] == Full);
        again.Status.ShouldBe(200);
        (await simulator.GetAsync($"{path}/contacts")).Results.Count.ShouldBe(2);
    }

    [Fact]
    public async Task New_records_of_one_request_share_the_room_that_is_left()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { MostAssociations = 2 });
        var company = await simulator.MakeAsync("companies", new { name = "One" });
        object Contacts(int count) => new
        {
            inputs = Enumerable.Range(0, count).Select(i => new
            {
                objectWriteTraceId = $"{i}", properties = new { firstname = $"{i}" }, associations = new[] { AssociationTests.To(company, 279) },
            }),
        };

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create", Contacts(3));

        (said.Status, said.Results.Count, said.Errors.Count).ShouldBe((207, 2, 1));
        (await simulator.GetAsync($"/crm/objects/2026-09/companies/{company}/associations/contacts")).Results.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_new_record_brings_no_more_ties_than_it_can_have()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { MostAssociations = 1 });
        var (one, two) = (await simulator.MakeAsync("companies", new { name = "One" }), await simulator.MakeAsync("companies", new { name = "Two" }));

        var refused = await simulator.PostAsync("/crm/objects/2026-09/contacts",
            new { properties = new { firstname = "Ann" }, associations = new[] { AssociationTests.To(one, 279), AssociationTests.To(two, 279) } });

        (refused.Status, (string?)refused.Body["subCategory"]).ShouldBe((400, Full));
        (await simulator.RecordsAsync("contacts")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_company_has_one_billing_contact_and_a_contact_may_be_that_of_many()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (one, two) = (await simulator.MakeAsync("companies", new { name = "One" }), await simulator.MakeAsync("companies", new { name = "Two" }));
        var contacts = await ContactsAsync(simulator, 2);
        Task<Said> BillAsync(string contact, string company) => simulator.SendAsync(
            HttpMethod.Put, $"/crm/objects/2026-09/contacts/{contact}/associations/companies/{company}",
            new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = 931 } });

        var first = await BillAsync(contacts[0], one);
        var again = await BillAsync(contacts[0], one);
        var elsewhere = await BillAsync(contacts[0], two);
        var second = await BillAsync(contacts[1], one);

        (first.Status, again.Status, elsewhere.Status).ShouldBe((201, 201, 201));
        (second.Status, (string?)second.Body["subCategory"]).ShouldBe((400, Full));
        (await simulator.GetAsync($"/crm/objects/2026-09/companies/{one}/associations/contacts")).Results.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_read_shows_a_hundred_associations_and_says_where_the_others_are()
    {
        await using var simulator = await ASimulator.StartAsync();
        var company = await simulator.MakeAsync("companies", new { name = "One" });
        var contacts = (await ContactsAsync(simulator, 100)).Concat(await ContactsAsync(simulator, 3)).ToList();
        await AssociateAsync(simulator, company, contacts);

        var read = await simulator.GetAsync($"/crm/objects/2026-09/companies/{company}?associations=contacts,deals");
        var list = await simulator.GetAsync("/crm/objects/2026-09/companies?associations=contacts");
        var shown = read.Body["associations"]!["contacts"]!;
        var rest = await simulator.GetAsync(new Uri((string)shown["paging"]!["next"]!["link"]!).PathAndQuery);

        read.Body["associations"]!.AsObject().Count.ShouldBe(1);
        shown["results"]!.AsArray().Select(r => (string)r!["id"]!).ShouldBe(contacts.Take(100));
        ((string)shown["paging"]!["next"]!["after"]!).ShouldBe(contacts[100]);
        rest.Results.Select(r => r["toObjectId"]!.ToString()).ShouldBe(contacts.Skip(100));
        list.Results.Single()["associations"]!["contacts"]!["paging"].ShouldNotBeNull();
    }

    private static async Task<IReadOnlyList<string>> ContactsAsync(ASimulator simulator, int count)
    {
        var made = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create",
            new { inputs = Enumerable.Range(0, count).Select(i => new { properties = new { firstname = $"{i}" } }) });
        return [.. made.Results.Select(r => (string)r["id"]!)];
    }

    private static Task<Said> AssociateAsync(ASimulator simulator, string id, IEnumerable<string> contacts, string type = "companies") =>
        simulator.PostAsync($"/crm/associations/2026-09/{type}/contacts/batch/associate/default",
            new { inputs = contacts.Select(contact => new { from = new { id }, to = new { id = contact } }) });
}
