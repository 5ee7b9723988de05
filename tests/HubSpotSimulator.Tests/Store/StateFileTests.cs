using HubSpotBus.HubSpotSimulator.Tests.Crm;
using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Store;

public sealed class StateFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hubspot-simulator-");

    [Fact]
    public async Task Everything_is_there_again_after_a_restart()
    {
        string order, contact, refreshToken, accessToken;
        await using (var before = await StartAsync())
        {
            await before.PostAsync("/crm/properties/2026-09/orders", PropertyTests.Key("ext_id", "order_information"));
            contact = await before.MakeAsync("contacts", new { email = "ann@example.com" });
            order = await before.MakeAsync("orders", new { hs_order_name = "0", ext_id = "K" });
            await before.SendAsync(HttpMethod.Patch, $"/crm/objects/2026-09/orders/{order}", new { properties = new { hs_order_name = "1" } });
            await before.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{order}/associations/default/contacts/{contact}");
            await before.PostAsync("/crm/pipelines/2026-09/deals", new
            {
                label = "More", stages = new[] { new { label = "One", metadata = new { probability = "0.5" } } },
            });
            var gone = await before.MakeOrderAsync("gone");
            await before.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/orders/{gone}");
            await before.PostAsync("/crm/objects/2026-09/contacts/gdpr-delete", new { objectId = "bob@example.com", idProperty = "email" });
            refreshToken = await before.ConnectAsync();
            accessToken = before.Token;
        }

        await using var after = await StartAsync();

        var read = await after.GetAsync(
            $"/crm/objects/2026-09/orders/K?idProperty=ext_id&properties=hs_order_name&associations=contacts&propertiesWithHistory=hs_order_name");
        ((string)read.Body["id"]!, (string)read.Body["properties"]!["hs_order_name"]!).ShouldBe((order, "1"));
        ((string)read.Body["associations"]!["contacts"]!["results"]!.AsArray().Single()!["id"]!).ShouldBe(contact);
        read.Body["propertiesWithHistory"]!["hs_order_name"]!.AsArray().Select(v => (string)v!["value"]!).ShouldBe(["1", "0"]);
        (await after.RecordsAsync("orders")).Count.ShouldBe(1);
        (await after.GetAsync("/crm/objects/2026-09/orders?archived=true")).Results.Count.ShouldBe(1);
        var pipelines = (await after.GetAsync("/crm/pipelines/2026-09/deals")).Results;
        pipelines.Count.ShouldBe(2);
        (await after.GetAsync($"/crm/pipelines/2026-09/deals/{pipelines[1]["id"]}/audit")).Results.Count.ShouldBe(2);
        (await after.PostAsync("/crm/objects/2026-09/contacts", new {
            properties = new { email = "ANN@example.com" } })).Status.ShouldBe(409);
        (await after.PostAsync("/crm/objects/2026-09/orders", new {
            properties = new { hs_order_name = "2", ext_id = "K" } })).Status.ShouldBe(400);
        (await after.PostAsync($"{ASimulator.People}/contacts", new {
            properties = new { email = "bob@example.com" } })).Status.ShouldBe(400);
        long.Parse(await after.MakeOrderAsync("3")).ShouldBeGreaterThan(long.Parse(order));
        after.Token = accessToken;
        (await after.GetAsync("/account-info/2026-09/details")).Status.ShouldBe(200);
        (await after.RefreshAsync(refreshToken)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Labels_of_associations_are_there_again_after_a_restart_and_new_ones_get_other_ids()
    {
        const string labels = "/crm/associations/2026-09/contacts/companies/labels";
        string contact;
        int id;
        await using (var before = await StartAsync())
        {
            contact = await before.MakeAsync("contacts", new { email = "ann@example.com" });
            var company = await before.MakeAsync("companies", new { name = "One" });
            id = (int)(await before.PostAsync(labels, new { label = "Manager", name = "manager" })).Results[0]["typeId"]!;
            await before.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/contacts/{contact}/associations/companies/{company}",
                new[] { new { associationCategory = "USER_DEFINED", associationTypeId = id } });
        }

        await using var after = await StartAsync();

        var tie = (await after.GetAsync($"/crm/objects/2026-09/contacts/{contact}/associations/companies")).Results.Single();
        tie["associationTypes"]!.AsArray().Select(t => (string?)t!["label"]).ShouldBe([null, "Manager"]);
        var next = await after.PostAsync(labels, new { label = "Buyer", name = "buyer" });
        next.Results.Select(l => (int)l["typeId"]!).ShouldBe([id + 2, id + 3]);
    }

    [Fact]
    public async Task The_tokens_of_an_account_that_is_no_more_are_refused_with_BAD_HUB()
    {
        string refreshToken;
        await using (var before = await StartAsync())
        {
            refreshToken = await before.ConnectAsync();
        }

        await using var after = await StartAsync(new PortalOptions { Id = 17 });
        var refused = await after.RefreshAsync(refreshToken);

        (refused.Status, (string?)refused.Body["status"], (string?)refused.Body["error"], refused.Message)
            .ShouldBe((400, "BAD_HUB", "access_denied", "missing or unknown hub id"));
    }

    [Fact]
    public async Task Merged_ids_lead_on_and_the_recycle_bin_keeps_its_ties_after_a_restart()
    {
        string ann, bob, merged, order;
        await using (var before = await StartAsync())
        {
            ann = await before.MakeAsync("contacts", new { email = "ann@example.com" });
            bob = await before.MakeAsync("contacts", new { email = "bob@example.com" });
            order = await before.MakeOrderAsync();
            await before.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{order}/associations/default/contacts/{bob}");
            merged = (string)(await before.PostAsync(
                "/crm/objects/2026-09/contacts/merge", new { primaryObjectId = ann, objectIdToMerge = bob })).Body["id"]!;
            await before.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/orders/{order}");
        }

        await using var after = await StartAsync();

        (await after.PostAsync($"{ASimulator.People}/orders/{order}/restore")).Status.ShouldBe(200);
        foreach (var key in new[] { ann, bob, "bob@example.com?idProperty=email" })
        {
            ((string)(await after.GetAsync($"/crm/objects/2026-09/contacts/{key}")).Body["id"]!).ShouldBe(merged);
        }

        var ties = await after.GetAsync($"/crm/objects/2026-09/orders/{order}/associations/contacts");
        ties.Results.Single()["toObjectId"]!.ToString().ShouldBe(merged);
    }

    [Fact]
    public async Task Values_that_the_recycle_bin_keeps_are_kept_over_a_restart_and_its_ninety_days_go_on()
    {
        var portal = new PortalOptions { Id = long.Parse(ASimulator.Northwind), Switches = new() { ArchivedKeepUniqueValues = true } };
        await using (var before = await StartAsync(portal))
        {
            var ann = await before.MakeAsync("contacts", new { email = "ann@example.com" });
            await before.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{ann}");
        }

        await using var after = await StartAsync(portal);

        var again = new { properties = new { email = "ann@example.com" } };
        (await after.PostAsync("/crm/objects/2026-09/contacts", again)).Status.ShouldBe(409);
        after.Time.Advance(TimeSpan.FromDays(91));
        (await after.PostAsync("/crm/objects/2026-09/contacts", again)).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Nothing_is_left_beside_the_file()
    {
        await using (var simulator = await StartAsync())
        {
            await simulator.MakeOrderAsync();
        }

        _folder.GetFiles().Select(f => f.Name).ShouldBe(["hubspot.json"]);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<ASimulator> StartAsync(params PortalOptions[] portals) =>
        ASimulator.StartAsync(new SimulatorOptions { DataFile = Path.Combine(_folder.FullName, "hubspot.json"), Portals = portals });
}
