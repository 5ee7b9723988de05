using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class AssociationLabelTests
{
    private const string Labels = "/crm/associations/2026-09/contacts/companies/labels";

    [Fact]
    public async Task A_label_is_on_the_tie_in_both_directions_beside_the_plain_one()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (contact, company) = await PairAsync(simulator);
        var made = await simulator.PostAsync(Labels, new { label = "Manager", name = "manager", inverseLabel = "Managed by" });
        var (there, back) = ((int)made.Results[0]["typeId"]!, (int)made.Results[1]["typeId"]!);

        var put = await PutAsync(simulator, contact, company, there);

        (made.Status, (string?)made.Results[0]["category"]).ShouldBe((200, "USER_DEFINED"));
        (put.Status, put.Body["labels"]!.AsArray().Select(l => (string)l!).Single()).ShouldBe((201, "Manager"));
        Types(await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}/associations/companies"))
            .ShouldBe([("HUBSPOT_DEFINED", 279, null), ("USER_DEFINED", there, "Manager")]);
        Types(await simulator.GetAsync($"/crm/objects/2026-09/companies/{company}/associations/contacts"))
            .ShouldBe([("HUBSPOT_DEFINED", 280, null), ("USER_DEFINED", back, "Managed by")]);
        (await simulator.GetAsync(Labels)).Results.Select(l => (string?)l["label"]).ShouldBe([null, "Primary", "Billing contact", "Manager"]);
    }

    [Fact]
    public async Task A_label_is_renamed_and_when_it_is_deleted_the_plain_tie_stays()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (contact, company) = await PairAsync(simulator);
        var id = (int)(await simulator.PostAsync(Labels, new { label = "Manager", name = "manager" })).Results[0]["typeId"]!;
        await PutAsync(simulator, contact, company, id);

        var renamed = await simulator.SendAsync(HttpMethod.Put, Labels, new { associationTypeId = id, label = "Buyer" });
        var after = Types(await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}/associations/companies"));
        var deleted = await simulator.SendAsync(HttpMethod.Delete, $"{Labels}/{id}");
        var again = await simulator.SendAsync(HttpMethod.Delete, $"{Labels}/{id}");

        (renamed.Status, deleted.Status, again.Status).ShouldBe((204, 204, 400));
        after.ShouldContain(("USER_DEFINED", id, "Buyer"));
        Types(await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}/associations/companies")).ShouldBe([("HUBSPOT_DEFINED", 279, null)]);
        Types(await simulator.GetAsync($"/crm/objects/2026-09/companies/{company}/associations/contacts")).ShouldBe([("HUBSPOT_DEFINED", 280, null)]);
    }

    [Fact]
    public async Task A_pair_of_types_has_ten_labels_at_most_whichever_side_they_are_made_from()
    {
        await using var simulator = await ASimulator.StartAsync();
        const string inverse = "/crm/associations/2026-09/companies/contacts/labels";
        for (var i = 1; i <= 10; i++)
        {
            (await simulator.PostAsync(i % 2 == 0 ? Labels : inverse, new { label = $"L{i}", name = $"l{i}", inverseLabel = $"M{i}" })).Status.ShouldBe(200);
        }

        (await simulator.PostAsync(Labels, new { label = "L11", name = "l11" })).Status.ShouldBe(400);
        (await simulator.PostAsync(inverse, new { label = "L11", name = "l11" })).Status.ShouldBe(400);
        (await simulator.PostAsync("/crm/associations/2026-09/contacts/deals/labels", new { label = "L11", name = "l11" })).Status.ShouldBe(200);
    }

    [Fact]
    public async Task What_is_no_label_of_the_account_is_refused()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (contact, company) = await PairAsync(simulator);
        var id = (int)(await simulator.PostAsync(Labels, new { label = "Manager", name = "manager" })).Results[0]["typeId"]!;

        (await simulator.PostAsync(Labels, new { label = "manager", name = "manager2" })).Status.ShouldBe(400);
        (await simulator.PostAsync(Labels, new { label = "Nameless" })).Status.ShouldBe(400);
        (await simulator.PostAsync("/crm/associations/2026-09/products/companies/labels", new { label = "L", name = "l" })).Status.ShouldBe(400);
        (await simulator.SendAsync(HttpMethod.Put, Labels, new { associationTypeId = 1, label = "First" })).Status.ShouldBe(400);
        (await simulator.SendAsync(HttpMethod.Delete, $"{Labels}/279")).Status.ShouldBe(400);
        (await PutAsync(simulator, contact, company, id, "HUBSPOT_DEFINED")).Status.ShouldBe(400);
        (await PutAsync(simulator, contact, company, 1, "USER_DEFINED")).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("v4", 204)]
    [InlineData("2026-03", 200)]
    [InlineData("2026-09", 200)]
    public async Task Archiving_labels_of_many_takes_the_label_and_leaves_the_tie(string version, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        var (contact, company) = await PairAsync(simulator);
        var id = (int)(await simulator.PostAsync(Labels, new { label = "Manager", name = "manager" })).Results[0]["typeId"]!;
        await PutAsync(simulator, contact, company, id);

        var label = await ArchiveAsync("USER_DEFINED", id, company);
        var left = Types(await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}/associations/companies"));
        var unknown = await ArchiveAsync("HUBSPOT_DEFINED", 507, company);
        var plain = await ArchiveAsync("HUBSPOT_DEFINED", 279, company);

        (label.Status, plain.Status, unknown.Status).ShouldBe((status, status, 207));
        left.ShouldBe([("HUBSPOT_DEFINED", 279, null)]);
        (await simulator.GetAsync($"/crm/objects/2026-09/companies/{company}/associations/contacts")).Results.ShouldBeEmpty();

        Task<Said> ArchiveAsync(string associationCategory, int associationTypeId, string to) =>
            simulator.PostAsync($"/crm/associations/{version}/contacts/companies/batch/labels/archive", new
            {
                inputs = new[] { new { types = new[] { new { associationCategory, associationTypeId } }, from = new { id = contact }, to = new { id = to } } },
            });
    }

    private static async Task<(string Contact, string Company)> PairAsync(ASimulator simulator) =>
        (await simulator.MakeAsync("contacts", new { email = "ann@example.com" }), await simulator.MakeAsync("companies", new { name = "One" }));

    private static Task<Said> PutAsync(ASimulator simulator, string contact, string company, int type, string category = "USER_DEFINED") =>
        simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/contacts/{contact}/associations/companies/{company}",
            new[] { new { associationCategory = category, associationTypeId = type } });

    private static List<(string Category, int Id, string? Label)> Types(Said said) => [.. said.Results
        .SelectMany(r => r["associationTypes"]!.AsArray())
        .Select(t => ((string)t!["category"]!, (int)t["typeId"]!, (string?)t["label"]))];
}
