using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class RecycleBinTests
{
    [Fact]
    public async Task An_archived_record_is_read_only_where_archived_ones_are_asked_for()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (kept, gone) = (await simulator.MakeOrderAsync("kept"), await simulator.MakeOrderAsync("gone"));
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/orders/{gone}");

        var archived = await simulator.GetAsync("/crm/objects/2026-09/orders?archived=true");
        var many = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/read?archived=true",
            new { inputs = new[] { new { id = gone }, new { id = kept } } });

        var record = archived.Results.Single();
        ((string)record["id"]!, (bool)record["archived"]!, record["archivedAt"] is null).ShouldBe((gone, true, false));
        (many.Status, (string)many.Results.Single()["id"]!).ShouldBe((207, gone));
        (await simulator.GetAsync("/crm/objects/2026-09/orders")).Results.Select(r => (string)r["id"]!).ShouldBe([kept]);
        (await simulator.SendAsync(HttpMethod.Patch, $"/crm/objects/2026-09/orders/{gone}", new { properties = new { } }))
            .Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_person_restores_a_record_with_its_values_and_ties()
    {
        await using var simulator = await ASimulator.StartAsync();
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        var (order, other) = (await simulator.MakeOrderAsync(), await simulator.MakeOrderAsync("2"));
        foreach (var id in new[] { order, other })
        {
            await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{id}/associations/default/contacts/{contact}");
        }

        await simulator.SendAsync(HttpMethod.Delete, $"{ASimulator.People}/contacts/{contact}");
        await simulator.SendAsync(HttpMethod.Delete, $"{ASimulator.People}/orders/{other}");
        var gone = await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}");
        var restored = await simulator.PostAsync($"{ASimulator.People}/contacts/{contact}/restore");

        (gone.Status, restored.Status).ShouldBe((404, 200));
        var read = await simulator.GetAsync("/crm/objects/2026-09/contacts/ann@example.com?idProperty=email&associations=orders");
        ((string)read.Body["id"]!, (bool)read.Body["archived"]!).ShouldBe((contact, false));
        read.Body["associations"]!["orders"]!["results"]!.AsArray().Select(r => (string)r!["id"]!).ShouldBe([order]);
        (await simulator.GetAsync("/crm/objects/2026-09/contacts?archived=true")).Results.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_whose_unique_value_was_taken_meanwhile_stays_in_the_bin()
    {
        await using var simulator = await ASimulator.StartAsync();
        var first = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{first}");
        var second = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        var refused = await simulator.PostAsync($"{ASimulator.People}/contacts/{first}/restore");

        refused.Status.ShouldBe(409);
        (await simulator.GetAsync($"/crm/objects/2026-09/contacts/{second}")).Status.ShouldBe(200);
        (await simulator.PostAsync($"{ASimulator.People}/contacts/17/restore")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_ninety_days_a_record_is_gone_for_good_and_its_unique_values_are_free(bool keptTaken)
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { ArchivedKeepUniqueValues = keptTaken });
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{contact}");
        simulator.Time.Advance(TimeSpan.FromDays(60));
        var later = await simulator.MakeAsync("contacts", new { email = "bob@example.com" });
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{later}");
        simulator.Time.Advance(TimeSpan.FromDays(30));
        (await simulator.GetAsync("/crm/objects/2026-09/contacts?archived=true")).Results.Count.ShouldBe(2);

        simulator.Time.Advance(TimeSpan.FromMilliseconds(1));

        (await simulator.GetAsync("/crm/objects/2026-09/contacts?archived=true")).Results.Select(r => (string)r["id"]!).ShouldBe([later]);
        (await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}?archived=true")).Status.ShouldBe(404);
        (await simulator.PostAsync($"{ASimulator.People}/contacts/{contact}/restore")).Status.ShouldBe(404);
        (await simulator.PostAsync($"{ASimulator.People}/contacts/{later}/restore")).Status.ShouldBe(200);
        (await simulator.PostAsync("/crm/objects/2026-09/contacts", new { properties = new { email = "ann@example.com" } })).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Who_was_restored_and_archived_again_stays_for_ninety_days_from_then_on()
    {
        await using var simulator = await ASimulator.StartAsync();
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{contact}");
        await simulator.PostAsync($"{ASimulator.People}/contacts/{contact}/restore");
        simulator.Time.Advance(TimeSpan.FromDays(91));
        (await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}")).Status.ShouldBe(200);
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{contact}");
        simulator.Time.Advance(TimeSpan.FromDays(89));

        (await simulator.PostAsync($"{ASimulator.People}/contacts/{contact}/restore")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task People_make_and_change_records_without_a_call_a_token_or_a_fault()
    {
        await using var simulator = await ASimulator.StartAsync();
        simulator.Switch(new() { ScopesWithheld = ["crm.objects.contacts.write"] });
        await simulator.PostAsync("/_simulator/faults", new { match = new { }, status = 500 });
        simulator.Token = "";

        var made = await simulator.PostAsync($"{ASimulator.People}/contacts", new { properties = new { email = "ann@example.com" } });
        var changed = await simulator.SendAsync(HttpMethod.Patch, $"{ASimulator.People}/contacts/{made.Body["id"]}",
            new { properties = new { firstname = "Ann" } });
        var refused = await simulator.PostAsync($"{ASimulator.People}/contacts", new { properties = new { email = "ann" } });

        (made.Status, changed.Status, refused.Status).ShouldBe((201, 200, 400));
        ((string)(await simulator.RecordsAsync("contacts")).Single()!["properties"]!["hs_object_source"]!).ShouldBe("CRM_UI");
        simulator.Host.Calls.Total.ShouldBe(0);
        (await simulator.PostAsync("/_simulator/portals/1/records/contacts", new { properties = new { } })).Status.ShouldBe(404);
    }
}
