using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Crm;

public sealed class PropertyTests
{
    public static object Key(string name, string group) =>
        new { name, label = name, type = "string", fieldType = "text", groupName = group, hasUniqueValue = true };

    [Theory]
    [InlineData("contacts", "email,firstname,lastname,phone,fax,jobtitle,address,city,state,zip,country,website,industry,lifecyclestage")]
    [InlineData("companies", "name,domain,website,phone,address,address2,city,state,zip,country,description,industry,lifecyclestage")]
    [InlineData("deals", "dealname,amount,pipeline,dealstage,closedate,deal_currency_code,dealtype,hubspot_owner_id")]
    [InlineData("products", "name,description,price,hs_sku,hs_cost_of_goods_sold,hs_product_type,hs_folder,hs_status,hs_url,hs_images")]
    [InlineData("line_items",
        "name,hs_product_id,hs_sku,quantity,price,amount,hs_line_item_currency_code,discount,hs_discount_percentage,tax")]
    [InlineData("orders",
        "hs_order_name,hs_currency_code,hs_pipeline,hs_pipeline_stage,hs_external_order_id,hs_total_price,hs_subtotal_price,hs_tax,"
        + "hs_shipping_cost,hs_order_discount,hs_shipping_address_street,"
        + "hs_shipping_address_name,hs_billing_address_postal_code,hs_billing_address_phone")]
    public async Task A_new_account_has_the_standard_properties(string type, string names)
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.GetAsync($"/crm/properties/2026-09/{type}");

        var known = said.Results.Select(p => (string)p["name"]!).ToList();
        names.Split(',').Except(known).ShouldBeEmpty();
        known.ShouldBeUnique();
        said.Results.ShouldAllBe(p => p["modificationMetadata"] != null && p["options"] != null && p["groupName"] != null);
    }

    [Fact]
    public async Task A_property_is_made_once()
    {
        await using var simulator = await ASimulator.StartAsync();

        var first = await simulator.PostAsync("/crm/properties/2026-09/products", Key("ext_id", "productinformation"));
        var again = await simulator.PostAsync("/crm/properties/2026-09/products", Key("ext_id", "productinformation"));

        (first.Status, (bool)first.Body["hasUniqueValue"]!).ShouldBe((201, true));
        (again.Status, again.Category).ShouldBe((409, "OBJECT_ALREADY_EXISTS"));
        ((string)again.Body["subCategory"]!).ShouldBe("Properties.PROPERTY_WITH_NAME_EXISTS");
        again.Message.ShouldBe("A property named 'ext_id' already exists.");
    }

    [Theory]
    [InlineData("", "string", "text", "productinformation")]
    [InlineData("Ext_Id", "string", "text", "productinformation")]
    [InlineData("ext_id", "string", "select", "productinformation")]
    [InlineData("ext_id", "bool", "booleancheckbox", "productinformation")]
    [InlineData("ext_id", "string", "text", "")]
    public async Task A_definition_that_makes_no_sense_is_refused(string name, string type, string fieldType, string groupName)
    {
        await using var simulator = await ASimulator.StartAsync();

        var refused = await simulator.PostAsync("/crm/properties/2026-09/products", new { name, label = "X", type, fieldType, groupName });

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
    }

    [Fact]
    public async Task An_object_takes_ten_unique_properties()
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.PostAsync("/crm/properties/2026-09/orders/batch/create", new
        {
            inputs = Enumerable.Range(1, 11).Select(i => Key($"key_{i}", "order_information")),
        });

        (said.Status, said.Results.Count, said.Errors.Count).ShouldBe((207, 10, 1));
    }

    [Fact]
    public async Task An_object_takes_a_thousand_properties_of_its_own()
    {
        await using var simulator = await ASimulator.StartAsync();
        for (var first = 1; first <= 1000; first += 100)
        {
            (await BatchAsync(first, 100)).Status.ShouldBe(201);
        }

        var over = await BatchAsync(1001, 1);

        (over.Status, over.Errors.Count).ShouldBe((207, 1));
        ((string?)over.Errors[0]["message"])!.ShouldContain("1000 custom properties");

        Task<Said> BatchAsync(int first, int count) => simulator.PostAsync("/crm/properties/2026-09/orders/batch/create", new
        {
            inputs = Enumerable.Range(first, count).Select(i =>
                new { name = $"own_{i}", label = $"Own {i}", type = "string", fieldType = "text", groupName = "order_information" }),
        });
    }

    [Fact]
    public async Task Options_that_are_sent_replace_all_and_uniqueness_stays()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/properties/2026-09/companies", new
        {
            name = "category", label = "Category", type = "enumeration", fieldType = "select", groupName = "companyinformation",
            options = new[] { new { label = "A", value = "a" }, new { label = "B", value = "b" } },
        });

        var relabelled = await simulator.SendAsync(HttpMethod.Patch, "/crm/properties/2026-09/companies/category", new { label = "Kind" });
        var replaced = await simulator.SendAsync(HttpMethod.Patch, "/crm/properties/2026-09/companies/category", new
        {
            hasUniqueValue = true,
            options = new[] { new { label = "C", value = "c" } },
        });

        relabelled.Body["options"]!.AsArray().Count.ShouldBe(2);
        replaced.Body["options"]!.AsArray().Select(o => (string)o!["value"]!).ShouldBe(["c"]);
        ((string)replaced.Body["label"]!, (bool)replaced.Body["hasUniqueValue"]!).ShouldBe(("Kind", false));
    }

    [Fact]
    public async Task An_archived_property_comes_back_when_it_is_made_again()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/properties/2026-09/products", Key("ext_id", "productinformation"));

        await simulator.PostAsync("/crm/properties/2026-09/products/batch/archive", new { inputs = new[] { new { name = "ext_id" } } });
        var gone = await simulator.GetAsync("/crm/properties/2026-09/products/ext_id");
        var back = await simulator.PostAsync("/crm/properties/2026-09/products", Key("ext_id", "productinformation"));

        (gone.Status, gone.Category, back.Status).ShouldBe((404, "OBJECT_NOT_FOUND", 201));
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("batch")]
    public async Task A_property_that_a_record_uses_is_deleted_only_when_no_record_outside_the_bin_has_a_value(string how)
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/properties/2026-09/products", Key("ext_id", "productinformation"));
        await simulator.PostAsync("/crm/properties/2026-09/products", Key("free", "productinformation"));
        var (first, second) = (await MakeAsync("1"), await MakeAsync("2"));

        var used = await DeleteAsync();
        await simulator.SendAsync(HttpMethod.Patch, $"/crm/objects/2026-09/products/{first}", new { properties = new { ext_id = "" } });
        var stillUsed = await DeleteAsync();
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/products/{second}");
        var all = (await simulator.GetAsync("/crm/properties/2026-09/products")).Results.Select(p => (string)p["name"]!).ToList();
        var unused = await DeleteAsync();

        (used.Status, used.Category, stillUsed.Status, unused.Status).ShouldBe((400, "VALIDATION_ERROR", 400, 204));
        ((string?)used.Body["subCategory"]).ShouldBe("PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE");
        used.Message!.ShouldContain($"PRODUCT {first} has a value");
        all.ShouldContain("ext_id");
        all.ShouldContain("free", "A batch with one property in use deletes none.");

        Task<string> MakeAsync(string id) => simulator.MakeAsync("products", new { name = id, ext_id = id });

        Task<Said> DeleteAsync() => how == "DELETE"
            ? simulator.SendAsync(HttpMethod.Delete, "/crm/properties/2026-09/products/ext_id")
            : simulator.PostAsync("/crm/properties/2026-09/products/batch/archive", new { inputs = new[] { new { name = "free" }, new { name = "ext_id" } } });
    }

    [Fact]
    public async Task A_property_that_administrators_require_is_not_deleted()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/properties/2026-09/products", Key("ext_id", "productinformation"));
        simulator.Switch(new() { RequiredByAdministrators = new Dictionary<string, IReadOnlyList<string>> { ["products"] = ["ext_id"] } });

        var refused = await simulator.SendAsync(HttpMethod.Delete, "/crm/properties/2026-09/products/ext_id");
        simulator.Switch(new());
        var deleted = await simulator.SendAsync(HttpMethod.Delete, "/crm/properties/2026-09/products/ext_id");

        (refused.Status, (string?)refused.Body["subCategory"], deleted.Status)
            .ShouldBe((400, "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE", 204));
    }

    [Fact]
    public async Task A_batch_read_tells_what_is_missing()
    {
        await using var simulator = await ASimulator.StartAsync();

        var said = await simulator.PostAsync("/crm/properties/2026-09/orders/batch/read", new
        {
            inputs = new[] { new { name = "hs_order_name" }, new { name = "nonsense" } },
        });

        (said.Status, said.Results.Count, said.Errors.Count).ShouldBe((207, 1, 1));
    }

    [Fact]
    public async Task Groups_can_be_listed_and_made()
    {
        await using var simulator = await ASimulator.StartAsync();

        var made = await simulator.PostAsync("/crm/properties/2026-09/orders/groups", new { name = "hub", label = "Hub" });
        var all = await simulator.GetAsync("/crm/properties/2026-09/orders/groups");

        made.Status.ShouldBe(201);
        all.Results.Select(g => (string)g["name"]!).ShouldBe(["order_information", "hub"]);
        (await simulator.PostAsync("/crm/properties/2026-09/orders", Key("ext_id", "hub"))).Status.ShouldBe(201);
    }
}
