using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class RecordTests
{
    [Theory]
    [InlineData("/crm/v3/objects/orders")]
    [InlineData("/crm/objects/2026-03/orders")]
    [InlineData("/crm/objects/2026-09/orders")]
    [InlineData("/crm/objects/2026-09/order")]
    [InlineData("/crm/objects/2026-09/0-123")]
    [InlineData("/crm/objects/v3/0-123")]
    public async Task All_forms_of_a_path_lead_to_the_same_records(string path)
    {
        await using var simulator = await ASimulator.StartAsync();

        var made = await simulator.PostAsync(path, new { properties = new { hs_order_name = "1" } });
        var read = await simulator.GetAsync($"{path}/{made.Body["id"]}?properties=hs_order_name");

        made.Status.ShouldBe(201);
        made.Location!.AbsolutePath.ShouldEndWith((string)made.Body["id"]!);
        ((string)read.Body["properties"]!["hs_order_name"]!).ShouldBe("1");
        (await simulator.RecordsAsync("orders")).Count.ShouldBe(1);
        simulator.Host.Calls.Of("orders.create").ShouldBe(1);
    }

    [Theory]
    [InlineData("orders/999999999999", 404, "resource not found", null)]
    [InlineData("orders/what", 404, "Object not found.  objectId are usually numeric.", "OBJECT_NOT_FOUND")]
    [InlineData("butterflies/1", 400, "Unable to infer object type from: butterflies", null)]
    public async Task What_is_not_there_is_refused_in_three_ways(string path, int status, string message, string? category)
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.GetAsync($"/crm/objects/2026-09/{path}");

        (said.Status, said.Message, said.Category).ShouldBe((status, message, category));
        ((string)said.Body["correlationId"]!).ShouldBe(said.Header("x-hubspot-correlation-id"));
    }

    [Theory]
    [InlineData("contacts", "lastname", 65_537, "INVALID_LENGTH")]
    [InlineData("line_items", "price", 0, "INVALID_VALUE")]
    public async Task Texts_beyond_65536_characters_and_negative_prices_of_lines_are_refused(string type, string property, int length, string code)
    {
        await using var simulator = await ASimulator.StartAsync();
        var properties = new Dictionary<string, string> { [property] = length > 0 ? new string('x', length) : "-1" };

        var refused = await simulator.PostAsync($"/crm/objects/2026-09/{type}", new { properties });

        (refused.Status, (string)refused.Errors.Single()["code"]!).ShouldBe((400, code));
    }

    [Fact]
    public async Task An_order_without_pipeline_is_in_the_first_one()
    {
        await using var simulator = await ASimulator.StartAsync();

        var made = await simulator.PostAsync("/crm/objects/2026-09/orders", new { properties = new { hs_order_name = "1", hs_pipeline = "" } });

        (made.Status, (string)made.Body["properties"]!["hs_pipeline"]!).ShouldBe((201, "14a2e10e-5471-408a-906e-c51f3b04369e"));
    }

    [Theory]
    [InlineData("deals", "dealname,dealstage,pipeline")]
    [InlineData("companies", "name,domain")]
    [InlineData("orders", "hs_order_name")]
    [InlineData("products", "name")]
    public async Task What_a_new_record_needs_is_named(string type, string missing)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.PostAsync($"/crm/objects/2026-09/{type}", new { properties = new { } });

        refused.Status.ShouldBe(400);
        refused.Errors.Single()["context"]!["properties"]!.AsArray().Select(p => (string)p!).ShouldBe(missing.Split(','));
    }

    [Theory]
    [InlineData("orders", "hs_total_price", "much", "INVALID_INTEGER")]
    [InlineData("orders", "hs_processed_date", "soon", "INVALID_LONG")]
    [InlineData("orders", "hs_pipeline_stage", "limbo", "INVALID_OPTION")]
    [InlineData("orders", "hs_object_id", "1", "READ_ONLY_VALUE")]
    [InlineData("line_items", "amount", "1", "READ_ONLY_VALUE")]
    [InlineData("line_items", "hs_recurring_billing_start_date", "1700000001000", "INVALID_DATE")]
    [InlineData("contacts", "email", "ann", "INVALID_EMAIL")]
    [InlineData("contacts", "lifecyclestage", "hero", "INVALID_OPTION")]
    [InlineData("deals", "deal_currency_code", "XTS", "INVALID_OPTION")]
    [InlineData("orders", "hs_currency_code", "XTS", "INVALID_OPTION")]
    [InlineData("line_items", "hs_line_item_currency_code", "XTS", "INVALID_OPTION")]
    [InlineData("products", "nonsense", "x", "PROPERTY_DOESNT_EXIST")]
    public async Task A_value_that_does_not_fit_is_refused_by_name_and_code(string type, string property, string value, string code)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.PostAsync(
            $"/crm/objects/2026-09/{type}", new { properties = new Dictionary<string, string> { [property] = value } });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
        refused.Message!.ShouldStartWith("Property values were not valid: [{\"isValid\":false,\"message\":");
        refused.Message.ShouldContain($"\"error\":\"{code}\",\"name\":\"{property}\"");
        ((string)refused.Errors.Single()["code"]!).ShouldBe(code);
    }

    [Fact]
    public async Task Dates_are_kept_as_HubSpot_keeps_them()
    {
        await using var simulator = await ASimulator.StartAsync();

        var order = await simulator.MakeAsync("orders", new { hs_order_name = "1", hs_processed_date = 1_700_000_001_000,
            hs_external_created_date = "2026-01-02" });
        var line = await simulator.MakeAsync("line_items", new { name = "Tea", hs_recurring_billing_start_date = "1699920000000" });

        var read = await simulator.GetAsync($"/crm/objects/2026-09/orders/{order}?properties=hs_processed_date,hs_external_created_date");
        ((string)read.Body["properties"]!["hs_processed_date"]!).ShouldBe("2023-11-14T22:13:21.000Z");
        ((string)read.Body["properties"]!["hs_external_created_date"]!).ShouldBe("2026-01-02T00:00:00.000Z");
        read = await simulator.GetAsync($"/crm/objects/2026-09/line_items/{line}?properties=hs_recurring_billing_start_date");
        ((string)read.Body["properties"]!["hs_recurring_billing_start_date"]!).ShouldBe("2023-11-14");
    }

    [Fact]
    public async Task An_update_changes_what_it_names_and_clears_what_is_empty()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com", firstname = "Ann", lastname = "Lee" });
        simulator.Time.Advance(TimeSpan.FromSeconds(5));

        var said = await simulator.SendAsync(HttpMethod.Patch, "/crm/objects/2026-09/contacts/ann@example.com?idProperty=email", new
        {
            properties = new { firstname = "", lastname = "Ray" },
        });

        said.Status.ShouldBe(200);
        var read = await simulator.GetAsync($"/crm/objects/2026-09/contacts/{id}");
        read.Body["properties"]!["firstname"].ShouldBeNull();
        ((string)read.Body["properties"]!["lastname"]!).ShouldBe("Ray");
        ((string)read.Body["properties"]!["lastmodifieddate"]!).ShouldBe("2026-11-23T09:00:05.000Z");
        ((string)read.Body["createdAt"]!).ShouldBe("2026-11-23T09:00:00.000Z");
    }

    [Fact]
    public async Task A_line_item_takes_over_what_its_product_knows_and_its_amount_is_computed()
    {
        await using var simulator = await ASimulator.StartAsync();
        var product = await simulator.MakeAsync("products", new { name = "Tea", price = "12.50", hs_sku = "T-1" });

        var line = await simulator.MakeAsync("line_items", new { hs_product_id = product, quantity = 4, price = "10",
            hs_discount_percentage = "25" });

        var read = await simulator.GetAsync($"/crm/objects/2026-09/line_items/{line}?properties=name,hs_sku,price,amount");
        var properties = read.Body["properties"]!;
        ((string)properties["name"]!, (string)properties["hs_sku"]!, (string)properties["price"]!, (string)properties["amount"]!)
            .ShouldBe(("Tea", "T-1", "10", "30"));
        var changed = await simulator.SendAsync(HttpMethod.Patch, $"/crm/objects/2026-09/line_items/{line}",
            new { properties = new { quantity = "2" } });
        ((string)changed.Body["properties"]!["amount"]!).ShouldBe("15");
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await using var simulator = await ASimulator.StartAsync();
        foreach (var i in Enumerable.Range(1, 5))
        {
            await simulator.MakeOrderAsync($"{i}");
        }

        var names = new List<string>();
        for (var after = "0"; after is not null;)
        {
            var page = await simulator.GetAsync($"/crm/objects/2026-09/orders?limit=2&properties=hs_order_name&after={after}");
            page.Results.Count.ShouldBeLessThanOrEqualTo(2);
            names.AddRange(page.Results.Select(r => (string)r["properties"]!["hs_order_name"]!));
            after = (string?)page.Body["paging"]?["next"]?["after"];
        }

        names.ShouldBe(["1", "2", "3", "4", "5"]);
    }

    [Fact]
    public async Task A_new_order_stands_at_the_first_stage_and_a_stage_belongs_to_its_pipeline()
    {
        await using var simulator = await ASimulator.StartAsync();
        var made = await simulator.PostAsync("/crm/pipelines/2026-09/orders", new
        {
            label = "Returns", displayOrder = 1, stages = new[] { new { label = "Asked", displayOrder = 0,
                metadata = new { state = "OPEN" } } },
        });
        var pipelines = await simulator.GetAsync("/crm/v3/pipelines/orders");

        var order = await simulator.PostAsync("/crm/objects/2026-09/orders", new { properties = new { hs_order_name = "1" } });
        var mixed = await simulator.PostAsync("/crm/objects/2026-09/orders", new
        {
            properties = new { hs_order_name = "2", hs_pipeline = made.Body["id"],
                hs_pipeline_stage = "4b27b500-f031-4927-9811-68a0b525cbae" },
        });

        made.Status.ShouldBe(201);
        pipelines.Results.Select(p => (string)p["label"]!).ShouldBe(["Order Pipeline", "Returns"]);
        pipelines.Results[0]["stages"]!.AsArray().Select(s => (string)s!["label"]!)
            .ShouldBe(["Open", "Processed", "Shipped", "Delivered", "Cancelled", "Refunded", "Returned"]);
        ((string)order.Body["properties"]!["hs_pipeline_stage"]!).ShouldBe("4b27b500-f031-4927-9811-68a0b525cbae");
        mixed.Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("contacts")]
    [InlineData("companies")]
    public async Task A_lifecycle_stage_goes_back_only_after_it_was_emptied(string type)
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync(type, new Dictionary<string, string>
        {
            [type == "contacts" ? "lastname" : "name"] = "Lee", ["lifecyclestage"] = "opportunity",
        });

        (await MoveAsync("customer")).ShouldBe((200, "customer"));
        (await MoveAsync("lead")).ShouldBe((200, "customer"));
        (await MoveAsync("")).ShouldBe((200, ""));
        (await MoveAsync("lead")).ShouldBe((200, "lead"));

        async Task<(int, string)> MoveAsync(string lifecyclestage)
        {
            var said = await simulator.SendAsync(HttpMethod.Patch, $"/crm/objects/2026-09/{type}/{id}", new { properties = new { lifecyclestage } });
            return (said.Status, (string)said.Body["properties"]!["lifecyclestage"]!);
        }
    }

    [Fact]
    public async Task Orders_and_line_items_take_the_currencies_of_their_account()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions
        {
            Portals = [new() { Id = 12345678, Currency = "GBP", AdditionalCurrencies = ["EUR"] }],
        });

        await simulator.MakeAsync("orders", new { hs_order_name = "1", hs_currency_code = "EUR" });
        await simulator.MakeAsync("line_items", new { name = "1", hs_line_item_currency_code = "GBP" });
        var options = (await simulator.GetAsync("/crm/properties/2026-09/orders/hs_currency_code")).Body["options"]!.AsArray();
        var refused = await simulator.PostAsync("/crm/objects/2026-09/orders", new { properties = new { hs_order_name = "2", hs_currency_code = "USD" } });

        options.Select(o => (string)o!["value"]!).ShouldBe(["GBP", "EUR"]);
        refused.Message!.ShouldContain("USD was not one of the allowed options");
    }
}
