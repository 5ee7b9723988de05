using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class AssociationTests
{
    public static object To(object id, int type) =>
        new { to = new { id }, types = new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = type } } };

    [Theory]
    [InlineData("v4", "/crm/v4/associations/orders/contacts/batch/create", 201)]
    [InlineData("2026-03", "/crm/associations/2026-03/0-123/0-1/batch/create", 201)]
    [InlineData("2026-09", "/crm/associations/2026-09/order/contact/batch/create", 200)]
    public async Task A_batch_ties_records_and_both_sides_know(string version, string path, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        var (order, contact) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("contacts", new { email = "ann@example.com" }));

        var made = await simulator.PostAsync(path, new { inputs = new[] { Tie(order, contact, 507) } });
        var back = await simulator.PostAsync($"/crm/associations/{version}/contacts/orders/batch/read",
            new { inputs = new[] { new { id = contact } } });

        (made.Status, made.Results.Single()["labels"]!.AsArray().Count).ShouldBe((status, 0));
        back.Status.ShouldBe(200);
        var tie = back.Results.Single()["to"]!.AsArray().Single()!;
        // Numbers, as recorded answers of HubSpot show them.
        tie["toObjectId"]!.GetValue<long>().ToString().ShouldBe(order);
        ((int)tie["associationTypes"]!.AsArray().Single()!["typeId"]!).ShouldBe(508);
    }

    [Fact]
    public async Task Tying_again_changes_nothing()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (order, contact) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("contacts", new { email = "ann@example.com" }));
        var body = new { inputs = new[] { new { from = new { id = order }, to = new { id = contact } } } };

        await simulator.PostAsync("/crm/associations/2026-09/orders/contacts/batch/associate/default", body);
        var again = await simulator.PostAsync("/crm/associations/2026-09/orders/contacts/batch/associate/default", body);

        (again.Status, again.Results.Count).ShouldBe((200, 2));
        (await simulator.GetAsync($"/crm/objects/2026-09/orders/{order}/associations/contacts")).Results.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_record_without_ties_is_an_error_entry()
    {
        await using var simulator = await ASimulator.StartAsync();
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        var said = await simulator.PostAsync("/crm/associations/2026-09/contacts/companies/batch/read",
            new { inputs = new[] { new { id = contact } } });

        (said.Status, said.Results.Count).ShouldBe((207, 0));
        ((string)said.Errors.Single()["subCategory"]!).ShouldBe("crm.associations.NO_ASSOCIATIONS_FOUND");
        ((string)said.Errors.Single()["message"]!).ShouldBe($"No company is associated with contact {contact}.");
    }

    [Fact]
    public async Task A_bad_pair_does_not_hold_up_the_good_ones()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (order, contact) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("contacts", new { email = "ann@example.com" }));

        var said = await simulator.PostAsync("/crm/associations/2026-09/orders/contacts/batch/create", new
        {
            inputs = new[] { Tie(order, "999999999999", 507), Tie("what", contact, 507), Tie(order, contact, 508),
                Tie(order, contact, 507) },
        });

        (said.Status, said.Results.Count, said.Errors.Count).ShouldBe((207, 1, 3));
        ((string)said.Errors[1]["subCategory"]!).ShouldBe("crm.associations.INVALID_IDENTIFIER");
    }

    [Fact]
    public async Task A_primary_company_comes_with_the_plain_tie_and_there_is_one()
    {
        await using var simulator = await ASimulator.StartAsync();
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        var one = await simulator.MakeAsync("companies", new { name = "One" });
        var two = await simulator.MakeAsync("companies", new { name = "Two" });
        foreach (var company in new[] { one, two })
        {
            await simulator.SendAsync(HttpMethod.Put, $"/crm/v4/objects/contacts/{contact}/associations/companies/{company}", Types(1));
        }

        var said = await simulator.GetAsync($"/crm/v4/objects/contacts/{contact}/associations/companies");

        TypeIds(said, one).ShouldBe([279]);
        TypeIds(said, two).ShouldBe([1, 279]);
    }

    [Fact]
    public async Task Putting_labels_replaces_those_that_were()
    {
        await using var simulator = await ASimulator.StartAsync();
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        var company = await simulator.MakeAsync("companies", new { name = "One" });
        var path = $"/crm/objects/2026-09/contacts/{contact}/associations/companies";

        await simulator.SendAsync(HttpMethod.Put, $"{path}/{company}", Types(1));
        var put = await simulator.SendAsync(HttpMethod.Put, $"{path}/{company}", Types(931));

        put.Status.ShouldBe(201);
        TypeIds(await simulator.GetAsync(path), company).ShouldBe([279, 931]);
    }

    [Theory]
    [InlineData("v4", 204)]
    [InlineData("2026-09", 200)]
    public async Task Archiving_unties_both_sides(string version, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        var (order, contact) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("contacts", new { email = "ann@example.com" }));
        await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{order}/associations/default/contacts/{contact}");

        var said = await simulator.PostAsync(
            $"/crm/associations/{version}/orders/contacts/batch/archive",
            new { inputs = new[] { new { from = new { id = order }, to = new[] { new { id = contact } } } } });

        said.Status.ShouldBe(status);
        (await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}/associations/orders")).Results.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_record_brings_its_ties()
    {
        await using var simulator = await ASimulator.StartAsync();
        var order = await simulator.MakeOrderAsync();

        var made = await simulator.PostAsync("/crm/objects/2026-09/line_items/batch/create", new
        {
            inputs = new[] { new { properties = new { name = "Tea" }, associations = new[] { To(long.Parse(order), 514) } } },
        });
        var read = await simulator.GetAsync($"/crm/objects/2026-09/orders/{order}?associations=line_items");

        made.Status.ShouldBe(201);
        var tie = read.Body["associations"]!["line items"]!["results"]!.AsArray().Single()!;
        ((string)tie["id"]!, (string)tie["type"]!).ShouldBe(((string)made.Results.Single()["id"]!, "order_to_line_item"));
    }

    [Theory]
    [InlineData(513)]
    [InlineData(20)]
    [InlineData(123456)]
    public async Task A_tie_of_the_wrong_type_refuses_the_record(int type)
    {
        await using var simulator = await ASimulator.StartAsync();
        var order = await simulator.MakeOrderAsync();

        var refused = await simulator.PostAsync("/crm/objects/2026-09/line_items",
            new { properties = new { name = "Tea" }, associations = new[] { To(order, type) } });

        refused.Status.ShouldBe(400);
        (await simulator.RecordsAsync("line_items")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_line_item_has_one_parent()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (first, second) = (await simulator.MakeOrderAsync(), await simulator.MakeOrderAsync("2"));
        var made = await simulator.PostAsync("/crm/objects/2026-09/line_items",
            new { properties = new { name = "Tea" }, associations = new[] { To(first, 514) } });
        var line = (string)made.Body["id"]!;

        var refused =
            await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{second}/associations/default/line_items/{line}");
        var same = await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{first}/associations/default/line_items/{line}");
        var both = await simulator.PostAsync(
            "/crm/objects/2026-09/line_items", new { properties = new { name = "Tea" },
                associations = new[] { To(first, 514), To(second, 514) } });

        (refused.Status, same.Status, both.Status).ShouldBe((400, 200, 400));
    }

    [Fact]
    public async Task A_product_is_tied_to_nothing()
    {
        await using var simulator = await ASimulator.StartAsync();
        var (order, product) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("products", new { name = "Tea" }));

        var refused =
            await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{order}/associations/default/products/{product}");

        refused.Status.ShouldBe(400);
    }

    private static JsonNode Types(int id) => JsonSerializer.SerializeToNode(
        new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = id } })!;

    private static object Tie(string from, string to, int type) =>
        new { from = new { id = from }, to = new { id = to }, types = Types(type) };

    private static IEnumerable<int> TypeIds(Said said, string toId) => said.Results
        .Single(r => r["toObjectId"]!.ToString() == toId)["associationTypes"]!.AsArray()
        .Select(t => (int)t!["typeId"]!)
        .Order();
}
