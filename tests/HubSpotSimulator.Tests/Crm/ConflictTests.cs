using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class ConflictTests
{
    [Fact]
    public async Task A_second_contact_with_an_email_is_told_the_id_of_the_first()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        var refused = await simulator.PostAsync("/crm/objects/2026-09/contacts", new { properties = new { email = "Ann@Example.COM" } });

        (refused.Status, refused.Category, refused.Message).ShouldBe((409, "CONFLICT", $"Contact already exists. Existing ID: {id}"));
    }

    [Fact]
    public async Task A_batch_without_trace_ids_is_not_told_the_id()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        var refused = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create",
            new { inputs = new[] { Contact("ann@example.com", null) } });

        (refused.Status, refused.Category, refused.Message).ShouldBe((409, "CONFLICT", "Contact already exists"));
    }

    [Fact]
    public async Task A_batch_with_trace_ids_is_told_the_id_also_of_a_contact_in_the_same_batch()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create", new
        {
            inputs = new[] { Contact("ann@example.com", "a"), Contact("bob@example.com", "b"), Contact("BOB@example.com", "c") },
        });

        said.Status.ShouldBe(207);
        var bob = (string)said.Results.Single()["id"]!;
        said.Errors.Select(e => (string)e["context"]!["existingId"]!.AsArray().Single()!).ShouldBe([id, bob]);
    }

    [Fact]
    public async Task An_input_that_was_refused_keeps_no_value_from_the_others()
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create", new
        {
            inputs = new object[]
            {
                new
                {
                    objectWriteTraceId = "a",
                    properties = new { email = "ann@example.com" },
                    associations = new[] { AssociationTests.To("17", 279) },
                },
                Contact("ann@example.com", "b"),
            },
        });

        said.Results.Select(r => (string)r["objectWriteTraceId"]!).ShouldBe(["b"]);
    }

    [Theory]
    [InlineData("products", "hs_sku")]
    [InlineData("orders", "ext_id")]
    [InlineData("line_items", "ext_id")]
    [InlineData("companies", "ext_id")]
    public async Task Any_other_unique_value_that_is_taken_is_a_validation_error_with_both_ids(string type, string property)
    {
        await using var simulator = await ASimulator.StartAsync();
        var groups = await simulator.GetAsync($"/crm/properties/2026-09/{type}/groups");
        await simulator.PostAsync($"/crm/properties/2026-09/{type}", PropertyTests.Key("ext_id", (string)groups.Results[0]["name"]!));
        var first = await MakeAsync(simulator, type, property, "K");
        var second = await MakeAsync(simulator, type, property, "L");

        var refused = await simulator.SendAsync(
            HttpMethod.Patch, $"/crm/objects/2026-09/{type}/{second}",
                new { properties = new Dictionary<string, string> { [property] = "K" } });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
        refused.Message!.ShouldStartWith(
            "Cannot set PropertyValueCoordinates{portalId=12345678, objectTypeId=ObjectTypeId{legacyObjectType=");
        refused.Message.ShouldEndWith($"propertyName={property}, value=K}} on {second}. {first} already has that value.");
    }

    [Fact]
    public async Task A_value_is_free_again_when_its_record_gives_it_up_or_goes()
    {
        await using var simulator = await ASimulator.StartAsync();
        var first = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.SendAsync(HttpMethod.Patch, $"/crm/objects/2026-09/contacts/{first}", new { properties = new { email = "" } });
        var second = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{second}");

        await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        (await simulator.GetAsync("/crm/objects/2026-09/contacts/ann@example.com?idProperty=email")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Companies_may_share_a_domain_and_products_may_lack_a_sku()
    {
        await using var simulator = await ASimulator.StartAsync();
        foreach (var name in new[] { "A", "B" })
        {
            await simulator.MakeAsync("companies", new { name, domain = "example.com" });
            await simulator.MakeAsync("products", new { name, hs_sku = "" });
        }

        (await simulator.RecordsAsync("companies")).Count.ShouldBe(2);
        (await simulator.RecordsAsync("products")).Count.ShouldBe(2);
    }

    private static Task<string> MakeAsync(ASimulator simulator, string type, string property, string value) =>
        simulator.MakeAsync(type, new Dictionary<string, string> { [type == "orders" ? "hs_order_name" : "name"] = "X",
            [property] = value });

    private static object Contact(string email, string? trace) => trace is null
        ? new { properties = new { email } }
        : new { properties = new { email }, objectWriteTraceId = trace };
}
