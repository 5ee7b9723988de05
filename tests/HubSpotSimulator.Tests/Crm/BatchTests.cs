using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class BatchTests
{
    [Fact]
    public async Task More_than_100_inputs_are_refused()
    {
        await using var simulator = await ASimulator.StartAsync();
        var inputs = Enumerable.Range(0, 101).Select(i => new { properties = new { hs_order_name = $"{i}" } });

        var refused = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/create", new { inputs });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
        refused.Message!.ShouldStartWith("The maximum number of inputs supported in a batch is 100.");
    }

    [Fact]
    public async Task Without_trace_ids_one_bad_input_refuses_all()
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/create", new
        {
            inputs = new object[] { Order("1"), new { properties = new { hs_order_name = "2", nonsense = "x" } } },
        });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
        refused.Errors.Single()["code"]!.GetValue<string>().ShouldBe("PROPERTY_DOESNT_EXIST");
        (await simulator.RecordsAsync("orders")).ShouldBeEmpty();
    }

    [Fact]
    public async Task With_the_same_trace_id_twice_one_bad_input_refuses_all()
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/create", new
        {
            inputs = new object[] { Order("1", "a"), new { objectWriteTraceId = "a", properties = new { } } },
        });

        refused.Status.ShouldBe(400);
        (await simulator.RecordsAsync("orders")).ShouldBeEmpty();
    }

    [Fact]
    public async Task With_trace_ids_only_the_bad_input_is_refused()
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/create", new
        {
            inputs = new object[]
            {
                Order("1", "a"), new { objectWriteTraceId = "b", properties = new { hs_total_price = "much" } }, Order("3", "c"),
            },
        });

        said.Status.ShouldBe(207);
        said.Results.Select(r => (string)r["objectWriteTraceId"]!).ShouldBe(["a", "c"]);
        ((int)said.Body["numErrors"]!).ShouldBe(1);
        said.Errors.Single()["context"]!["objectWriteTraceId"]!.AsArray().Single()!.GetValue<string>().ShouldBe("b");
        (await simulator.RecordsAsync("orders")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Creating_answers_201_with_growing_ids_of_12_digits()
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/create", new { inputs = new[] { Order("1"), Order("2") } });

        said.Status.ShouldBe(201);
        var ids = said.Results.Select(r => (string)r["id"]!).ToList();
        ids.ShouldAllBe(id => id.Length == 12);
        ids.ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
        ((string)said.Results[0]["properties"]!["hs_object_id"]!).ShouldBe(ids[0]);
    }

    [Theory]
    [InlineData("update")]
    [InlineData("upsert")]
    public async Task The_same_record_twice_refuses_all_even_with_trace_ids(string operation)
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com", firstname = "Ann" });
        object Input(string trace) => operation == "update"
            ? new { id, objectWriteTraceId = trace, properties = new { firstname = trace } }
            : new { id = trace == "a" ? "ann@example.com" : "ANN@example.com", idProperty = "email", objectWriteTraceId = trace,
                properties = new { firstname = trace } };

        var refused = await simulator.PostAsync($"/crm/objects/2026-09/contacts/batch/{operation}",
            new { inputs = new[] { Input("a"), Input("b") } });

        refused.Status.ShouldBe(400);
        refused.Message!.ShouldStartWith("Duplicate IDs found in batch input: [");
        refused.Body["context"]!["ids"]!.AsArray().Count.ShouldBe(1);
        ((string)(await simulator.RecordsAsync("contacts")).Single()!["properties"]!["firstname"]!).ShouldBe("Ann");
    }

    [Fact]
    public async Task Upsert_updates_what_is_there_and_creates_the_rest()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/properties/2026-09/orders", PropertyTests.Key("ext_id", "order_information"));
        var id = await simulator.MakeAsync("orders", new { hs_order_name = "old", ext_id = "1" });

        var said = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/upsert", new
        {
            inputs = Enumerable.Range(1, 20).Select(i => new { id = $"{i}", idProperty = "ext_id",
                properties = new { hs_order_name = $"new {i}" } }),
        });

        said.Status.ShouldBe(200);
        said.Results.Count.ShouldBe(20);
        said.Results.Single(r => !(bool)r["new"]!)["id"]!.GetValue<string>().ShouldBe(id);
        var all = await simulator.RecordsAsync("orders");
        all.Select(r => (string)r!["properties"]!["ext_id"]!).ShouldBe(Enumerable.Range(1, 20).Select(i => $"{i}"), ignoreOrder: true);
        all.ShouldAllBe(r => ((string)r!["properties"]!["hs_order_name"]!).StartsWith("new"));
    }

    [Fact]
    public async Task Results_of_an_upsert_are_not_in_the_order_of_its_inputs_and_emails_are_in_lower_case()
    {
        await using var simulator = await ASimulator.StartAsync();
        var inputs = Enumerable.Range(10, 90).Select(i => new { id = $"User{i}@Example.com", idProperty = "email",
            properties = new { lastname = $"{i}" } });

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/upsert", new { inputs });

        var emails = said.Results.Select(r => (string)r["properties"]!["email"]!).ToList();
        emails.ShouldBe(Enumerable.Range(10, 90).Select(i => $"user{i}@example.com"), ignoreOrder: true);
        emails.SequenceEqual(emails.Order()).ShouldBeFalse();
    }

    [Theory]
    [InlineData("email", 400)]
    [InlineData("ext_id", 207)]
    public async Task With_trace_ids_an_upsert_is_partial_by_an_own_key_and_all_or_nothing_by_email(string idProperty, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/properties/2026-09/contacts", PropertyTests.Key("ext_id", "contactinformation"));
        object Input(string id, string stage) => new { id, idProperty, objectWriteTraceId = id, properties = new { lifecyclestage = stage } };

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/upsert", new
        {
            inputs = new[] { Input("ann@example.com", "lead"), Input("bob@example.com", "hero"), Input("cid@example.com", "lead") },
        });

        said.Status.ShouldBe(status);
        (await simulator.RecordsAsync("contacts")).Count.ShouldBe(status == 207 ? 2 : 0);
        if (status == 400)
        {
            said.Message!.ShouldStartWith("Property values were not valid");
            said.Text.ShouldNotContain("objectWriteTraceId");
        }
    }

    [Theory]
    [InlineData("companies", "domain", "0-2 property domain")]
    [InlineData("contacts", "hs_object_id", "0-1 property hs_object_id")]
    public async Task Upsert_by_what_is_no_key_is_refused(string type, string property, string named)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.PostAsync($"/crm/objects/2026-09/{type}/batch/upsert", new
        {
            inputs = new[] { new { id = "1", idProperty = property, objectWriteTraceId = "a", properties = new { } } },
        });

        (refused.Status, refused.Message).ShouldBe((400, $"Unable to perform upsert by non-unique {named}"));
    }

    [Fact]
    public async Task Reading_is_partial_without_trace_ids()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeOrderAsync();

        var said = await simulator.PostAsync("/crm/objects/2026-09/orders/batch/read", new
        {
            inputs = new[] { new { id }, new { id = "999999999999" } },
            properties = new[] { "hs_order_name", "hs_tax", "nonsense" },
        });

        said.Status.ShouldBe(207);
        var properties = said.Results.Single()["properties"]!.AsObject();
        ((string)properties["hs_order_name"]!).ShouldBe("1");
        properties.ContainsKey("hs_tax").ShouldBeTrue();
        properties["hs_tax"].ShouldBeNull();
        properties.ContainsKey("nonsense").ShouldBeFalse();
        ((string)said.Errors.Single()["category"]!).ShouldBe("OBJECT_NOT_FOUND");
        said.Errors.Single()["context"]!["ids"]!.AsArray().Select(i => (string)i!).ShouldBe(["999999999999"]);
    }

    [Fact]
    public async Task Reading_takes_its_key_at_the_top()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("products", new { name = "Tea", hs_sku = "T-1" });

        var said = await simulator.PostAsync("/crm/objects/2026-09/products/batch/read",
            new { idProperty = "hs_sku", inputs = new[] { new { id = "T-1" } } });

        said.Results.Single()["id"]!.GetValue<string>().ShouldBe(id);
    }

    [Fact]
    public async Task Updating_knows_record_ids_only()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });

        var byId = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/update", new { inputs = new[] { Named(id) } });
        var unknown = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/update",
            new { inputs = new[] { Named(id), Named("17") } });
        var byEmail = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/update", new
        {
            inputs = new[] { new { id = "ann@example.com", idProperty = "email", properties = new { firstname = "Ann" } } },
        });

        (byId.Status, unknown.Status, byEmail.Status).ShouldBe((200, 404, 400));
        ((string)byId.Results.Single()["properties"]!["firstname"]!).ShouldBe("Ann");
    }

    [Fact]
    public async Task Archiving_takes_records_and_their_ties_away_and_forgives_unknown_ids()
    {
        await using var simulator = await ASimulator.StartAsync();
        var order = await simulator.MakeOrderAsync();
        var line = await simulator.MakeAsync("line_items", new { name = "Tea" });
        await simulator.SendAsync(HttpMethod.Put, $"/crm/objects/2026-09/orders/{order}/associations/default/line_items/{line}");

        var said = await simulator.PostAsync("/crm/objects/2026-09/line_items/batch/archive",
            new { inputs = new[] { new { id = line }, new { id = "17" } } });

        said.Status.ShouldBe(204);
        (await simulator.RecordsAsync("line_items")).ShouldBeEmpty();
        (await simulator.RecordsAsync("orders")).Single()!["associations"]!.AsObject().ShouldBeEmpty();
        (await simulator.GetAsync($"/crm/objects/2026-09/line_items/{line}")).Status.ShouldBe(404);
        (await simulator.GetAsync($"/crm/objects/2026-09/line_items/{line}?archived=true")).Status.ShouldBe(200);
    }

    private static JsonObject Order(string name, string? trace = null)
    {
        var input = new JsonObject { ["properties"] = new JsonObject { ["hs_order_name"] = name } };
        if (trace is not null)
        {
            input["objectWriteTraceId"] = trace;
        }

        return input;
    }

    private static object Named(string id) => new { id, properties = new { firstname = "Ann" } };
}
