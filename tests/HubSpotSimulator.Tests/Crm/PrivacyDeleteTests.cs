using HubSpotBus.HubSpotSimulator.Store;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class PrivacyDeleteTests
{
    private const string Path = "/crm/objects/2026-09/contacts/gdpr-delete";

    [Theory]
    [InlineData("id")]
    [InlineData("email")]
    [InlineData("from the bin")]
    public async Task A_contact_is_deleted_for_good(string how)
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        var order = await simulator.MakeOrderAsync();
        await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{order}/associations/default/contacts/{id}");
        if (how == "from the bin")
        {
            await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{id}");
        }

        var said = await simulator.PostAsync(Path, how == "email" ? new { objectId = "Ann@example.com", idProperty = "email" } : new { objectId = id });

        (said.Status, said.Text).ShouldBe((204, ""));
        (await simulator.RecordsAsync("contacts")).ShouldBeEmpty();
        (await simulator.RecordsAsync("orders")).Single()!["associations"]!.AsObject().ShouldBeEmpty();
        (await simulator.GetAsync($"/crm/objects/2026-09/contacts/{id}?archived=true")).Status.ShouldBe(404);
        (await simulator.PostAsync($"{ASimulator.People}/contacts/{id}/restore")).Status.ShouldBe(404);
        (await simulator.PostAsync("/crm/objects/2026-09/contacts/search", new { })).Results.ShouldBeEmpty();
        await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
    }

    [Fact]
    public async Task Who_is_not_there_is_as_good_as_deleted_and_a_request_that_names_nobody_is_refused()
    {
        await using var simulator = await ASimulator.StartAsync();
        var order = await simulator.MakeOrderAsync();

        (await simulator.PostAsync(Path, new { objectId = "17" })).Status.ShouldBe(204);
        (await simulator.PostAsync(Path, new { objectId = "ann@example.com", idProperty = "email" })).Status.ShouldBe(204);
        (await simulator.PostAsync(Path, new { objectId = order })).Status.ShouldBe(204);
        (await simulator.PostAsync(Path, new { })).Status.ShouldBe(400);
        (await simulator.PostAsync(Path, new { objectId = "Lee", idProperty = "lastname" })).Status.ShouldBe(400);
        (await simulator.RecordsAsync("orders")).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("by a person", false, 400)]
    [InlineData("by a person", true, 400)]
    [InlineData("create", false, 201)]
    [InlineData("create", true, 400)]
    [InlineData("upsert", false, 200)]
    [InlineData("upsert", true, 400)]
    public async Task An_address_on_the_blocklist_is_refused_to_people_and_by_switch_to_the_API(string how, bool holdsForApi, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new PortalSwitches { BlocklistHoldsForApi = holdsForApi });
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.PostAsync(Path, new { objectId = id });
        var properties = new { email = "Ann@example.com" };

        var said = how switch
        {
            "by a person" => await simulator.PostAsync($"{ASimulator.People}/contacts", new { properties }),
            "create" => await simulator.PostAsync("/crm/objects/2026-09/contacts", new { properties }),
            _ => await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/upsert",
                new { inputs = new[] { new { idProperty = "email", id = "ann@example.com", properties } } }),
        };

        said.Status.ShouldBe(status, said.Text);
        (await simulator.RecordsAsync("contacts")).Count.ShouldBe(status == 400 ? 0 : 1);
    }

    [Theory]
    [InlineData("ann@example.com", false, false, 400)]
    [InlineData("bob@example.com", false, false, 400)]
    [InlineData("ann@example.com", true, false, 200)]
    [InlineData("ann@example.com", true, true, 400)]
    public async Task A_contact_with_an_address_on_the_blocklist_stays_in_the_bin(string email, bool byApi, bool holdsForApi, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new PortalSwitches { RestoresByApi = true, BlocklistHoldsForApi = holdsForApi });
        var ann = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        var bob = await simulator.MakeAsync("contacts", new { email = "bob@example.com" });
        var merged = await simulator.PostAsync("/crm/objects/2026-09/contacts/merge", new { primaryObjectId = ann, objectIdToMerge = bob });
        var path = $"/crm/objects/2026-09/contacts/{merged.Body["id"]}";
        await simulator.SendAsync(HttpMethod.Delete, path);
        await simulator.PostAsync(Path, new { objectId = email, idProperty = "email" });

        var said = await simulator.PostAsync($"{(byApi ? path : $"{ASimulator.People}/contacts/{merged.Body["id"]}")}/restore");

        said.Status.ShouldBe(status, said.Text);
        (await simulator.RecordsAsync("contacts")).Count.ShouldBe(status == 400 ? 0 : 1);
    }

    [Fact]
    public async Task An_unknown_address_goes_on_the_blocklist_and_no_contact_gets_it_by_a_change()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new PortalSwitches { BlocklistHoldsForApi = true });
        var id = await simulator.MakeAsync("contacts", new { email = "bob@example.com" });
        await simulator.PostAsync(Path, new { objectId = "Ann@example.com", idProperty = "email" });

        var refused = await simulator.SendAsync(
            HttpMethod.Patch, $"/crm/objects/2026-09/contacts/{id}", new { properties = new { email = "ann@example.com" } });
        var same = await simulator.SendAsync(
            HttpMethod.Patch, $"/crm/objects/2026-09/contacts/{id}", new { properties = new { email = "bob@example.com" } });

        (refused.Status, refused.Category, same.Status).ShouldBe((400, "VALIDATION_ERROR", 200));
    }
}
