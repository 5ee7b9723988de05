using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.HubSpotSimulator.Tests.Crm;
using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Switches;

public sealed class SwitchTests
{
    private const string Orders = "/crm/objects/2026-09/orders";

    [Fact]
    public async Task Switches_are_read_and_set_while_the_simulator_runs_and_what_is_not_named_has_its_default()
    {
        await using var simulator = await ASimulator.StartAsync();

        var before = await simulator.GetAsync(Path);
        var set = await simulator.SendAsync(HttpMethod.Put, Path, new { orders = "missingScopes", emptyValues = "missing" });
        var replaced = await simulator.SendAsync(HttpMethod.Put, Path, new { skuIsNoKey = true });

        ((string)before.Body["orders"]!, (string)set.Body["orders"]!, (string)set.Body["emptyValues"]!)
            .ShouldBe(("available", "missingScopes", "missing"));
        ((string)replaced.Body["orders"]!, (bool)replaced.Body["skuIsNoKey"]!).ShouldBe(("available", true));
    }

    [Fact]
    public void Switches_and_webhooks_can_be_written_in_the_configuration()
    {
        var options = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Portals:0:Id"] = "17",
            ["Portals:0:Switches:Orders"] = "UnknownType",
            ["Portals:0:Switches:ScopesWithheld:0"] = "e-commerce",
            ["Portals:0:Switches:RequiredByAdministrators:contacts:0"] = "lastname",
            ["Portals:0:Switches:ConditionallyRequired:deals:0:Requires:0"] = "description",
            ["Webhooks:TargetUrl"] = "http://localhost/hooks",
            ["Webhooks:RetryDelaysMilliseconds:0"] = "5",
            ["Webhooks:Subscriptions:0:SubscriptionType"] = "contact.creation",
        }).Build().Get<SimulatorOptions>()!;

        var switches = options.Portals.Single().Switches;
        (switches.Orders, switches.ScopesWithheld.Single()).ShouldBe((OrdersObject.UnknownType, "e-commerce"));
        switches.RequiredByAdministrators["contacts"].ShouldBe(["lastname"]);
        switches.ConditionallyRequired["deals"].Single().Requires.ShouldBe(["description"]);
        options.Webhooks.RetryDelaysMilliseconds.ShouldBe([5]);
        options.Webhooks.Subscriptions.Single().SubscriptionType.ShouldBe("contact.creation");
    }

    [Fact]
    public async Task A_new_property_can_be_seen_and_written_only_after_a_while()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.SendAsync(HttpMethod.Put, Path, new { propertiesAppearAfterMilliseconds = 700 });
        await simulator.PostAsync("/crm/properties/2026-09/orders", new { name = "own", label = "Own", type = "string", fieldType = "text", groupName = "order_information" });
        var order = new { properties = new { hs_order_name = "1", own = "x" } };

        (await simulator.GetAsync("/crm/properties/2026-09/orders/own")).Status.ShouldBe(404);
        (await simulator.PostAsync(Orders, order)).Errors.Single()["code"]!.ToString().ShouldBe("PROPERTY_DOESNT_EXIST");
        simulator.Time.Advance(TimeSpan.FromMilliseconds(700));
        (await simulator.GetAsync("/crm/properties/2026-09/orders/own")).Status.ShouldBe(200);
        (await simulator.PostAsync(Orders, order)).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A_static_token_tells_no_scope_that_its_account_withholds()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.SendAsync(HttpMethod.Put, Path, new { scopesWithheld = new[] { "crm.objects.orders.write" } });

        var told = await simulator.PostAsync("/oauth/v2/private-apps/get/access-token-info", new { tokenKey = simulator.Token });

        var scopes = told.Body["scopes"]!.AsArray().Select(s => (string)s!).ToList();
        scopes.ShouldContain("crm.objects.orders.read");
        scopes.ShouldNotContain("crm.objects.orders.write");
    }

    [Fact]
    public async Task A_misspelt_switch_and_an_unknown_account_are_refused()
    {
        await using var simulator = await ASimulator.StartAsync();

        (await simulator.SendAsync(HttpMethod.Put, Path, new { odrers = "missingScopes" })).Status.ShouldBe(400);
        (await simulator.SendAsync(HttpMethod.Put, "/_simulator/portals/1/switches", new { })).Status.ShouldBe(404);
        (await simulator.GetAsync("/_simulator/portals/1/switches")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Switches_can_be_given_at_the_start_and_come_back_with_a_reset()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions
        {
            Portals = [new() { Id = 12345678, Switches = new() { UniquePropertiesTaken = ["orders"] } }],
        });
        await simulator.SendAsync(HttpMethod.Put, Path, new { });
        var key = PropertyTests.Key("ext_id", "order_information");
        (await simulator.PostAsync("/crm/properties/2026-09/orders", key)).Status.ShouldBe(201);

        await simulator.PostAsync("/_simulator/reset");

        (await simulator.PostAsync("/crm/properties/2026-09/orders", key)).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("products", "productinformation")]
    [InlineData("orders", "order_information")]
    [InlineData("line_items", "lineiteminformation")]
    public async Task An_account_may_refuse_unique_properties_on_a_type_and_no_others(string type, string groupName)
    {
        await using var simulator = await WithAsync(new() { UniquePropertiesRefused = [type] });

        var refused = await simulator.PostAsync($"/crm/properties/2026-09/{type}", PropertyTests.Key("ext_id", groupName));
        var plain = await simulator.PostAsync($"/crm/properties/2026-09/{type}",
            new { name = "ext_id", label = "Id", type = "string", fieldType = "text", groupName });
        var elsewhere = await simulator.PostAsync("/crm/properties/2026-09/companies", PropertyTests.Key("ext_id", "companyinformation"));

        (refused.Status, refused.Category).ShouldBe((400, "VALIDATION_ERROR"));
        refused.Message!.ShouldContain("cannot have unique values");
        (plain.Status, elsewhere.Status).ShouldBe((201, 201));
    }

    [Theory]
    [InlineData("2026-09", 400)]
    [InlineData("2026-03", 201)]
    [InlineData("v3", 201)]
    public async Task What_administrators_require_is_required_by_the_newest_version_only_and_may_not_be_emptied_there(string version, int status)
    {
        await using var simulator = await WithAsync(new() { RequiredByAdministrators = new Dictionary<string, IReadOnlyList<string>> { ["contacts"] = ["jobtitle"] } });
        var contacts = $"/crm/objects/{version}/contacts";
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com", jobtitle = "Baker" });

        var made = await simulator.PostAsync(contacts, new { properties = new { email = "bob@example.com" } });
        var emptied = await simulator.SendAsync(HttpMethod.Patch, $"{contacts}/{id}", new { properties = new { jobtitle = "" } });
        var other = await simulator.SendAsync(HttpMethod.Patch, $"{contacts}/{id}", new { properties = new { lastname = "Lee" } });

        (made.Status, emptied.Status, other.Status).ShouldBe((status, status == 400 ? 400 : 200, 200));
        if (status == 400)
            made.Errors.Single()["code"]!.ToString().ShouldBe("MISSING_REQUIRED_PROPERTY");
    }

    [Theory]
    [InlineData("2026-09", 400)]
    [InlineData("2026-03", 200)]
    [InlineData("v3", 200)]
    public async Task What_administrators_require_of_a_lost_deal_is_required_by_the_newest_version_only(string version, int status)
    {
        await using var simulator = await ASimulator.StartAsync();
        (await simulator.SendAsync(HttpMethod.Put, Path, new
        {
            conditionallyRequired = new { deals = new[] { new { property = "dealstage", value = "closedlost", requires = new[] { "description" } } } },
        })).Status.ShouldBe(200);
        var deals = $"/crm/objects/{version}/deals";
        var id = await simulator.MakeAsync("deals", new { dealname = "1", pipeline = "default", dealstage = "contractsent" });

        var made = await simulator.PostAsync(deals, new { properties = new { dealname = "2", pipeline = "default", dealstage = "closedlost" } });
        var lost = await ChangeAsync(new { dealstage = "closedlost" });
        var explained = await ChangeAsync(new { dealstage = "closedlost", description = "Too dear" });
        var renamed = await ChangeAsync(new { dealname = "3" });
        var emptied = await ChangeAsync(new { description = "" });

        (made.Status, lost.Status, emptied.Status).ShouldBe((status == 400 ? 400 : 201, status, status));
        (explained.Status, renamed.Status).ShouldBe((200, 200));
        if (status == 400)
        {
            var error = lost.Errors.Single();
            ((string?)error["code"]).ShouldBe("MISSING_CONDITIONAL_REQUIRED_PROPERTY");
            error["context"]!["propertyName"]!.AsArray().Select(p => (string)p!).ShouldBe(["description"]);
        }

        Task<Said> ChangeAsync(object properties) => simulator.SendAsync(HttpMethod.Patch, $"{deals}/{id}", new { properties });
    }

    [Fact]
    public async Task A_rule_that_a_record_does_not_keep_yet_leaves_its_other_changes_alone()
    {
        await using var simulator = await ASimulator.StartAsync();
        var id = await simulator.MakeAsync("deals", new { dealname = "1", pipeline = "default", dealstage = "closedlost" });
        simulator.Switch(new()
        {
            ConditionallyRequired = new Dictionary<string, IReadOnlyList<ConditionalRule>>
            {
                ["deals"] = [new() { Property = "dealstage", Value = "closedlost", Requires = ["description"] }],
            },
        });

        (await simulator.SendAsync(HttpMethod.Patch, $"/crm/objects/2026-09/deals/{id}", new { properties = new { dealname = "2" } })).Status.ShouldBe(200);
    }

    [Fact]
    public async Task All_ten_unique_properties_of_a_type_may_be_taken_and_can_be_seen()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/properties/2026-09/orders", PropertyTests.Key("ext_id", "order_information"));
        simulator.Switch(new() { UniquePropertiesTaken = ["orders"] });

        var refused = await simulator.PostAsync("/crm/properties/2026-09/orders", PropertyTests.Key("ext_2", "order_information"));
        var all = await simulator.GetAsync("/crm/properties/2026-09/orders");
        simulator.Switch(new());
        var free = await simulator.PostAsync("/crm/properties/2026-09/orders", PropertyTests.Key("ext_2", "order_information"));

        (refused.Status, (string?)refused.Body["subCategory"]).ShouldBe((400, "PropertyValidationError.UNIQUE_PROPERTY_LIMIT"));
        all.Results.Count(p => (bool)p["hasUniqueValue"]!).ShouldBe(10);
        free.Status.ShouldBe(201);
    }

    [Theory]
    [InlineData(OrdersObject.MissingScopes, 403, "MISSING_SCOPES")]
    [InlineData(OrdersObject.UnknownType, 400, null)]
    public async Task An_account_without_orders_refuses_every_call_on_them(OrdersObject orders, int status, string? category)
    {
        await using var simulator = await WithAsync(new() { Orders = orders });

        Said[] said =
        [
            await simulator.PostAsync(Orders, new { properties = new { hs_order_name = "1" } }),
            await simulator.GetAsync("/crm/objects/2026-09/0-123/1"),
            await simulator.PostAsync($"{Orders}/batch/upsert", new { inputs = Array.Empty<object>() }),
            await simulator.PostAsync($"{Orders}/search", new { }),
            await simulator.GetAsync("/crm/properties/2026-09/orders"),
            await simulator.GetAsync("/crm/pipelines/2026-09/orders"),
            await simulator.PostAsync("/crm/associations/2026-09/contacts/orders/batch/read", new { inputs = Array.Empty<object>() }),
        ];

        said.ShouldAllBe(s => s.Status == status && s.Category == category);
        (await simulator.GetAsync("/crm/objects/2026-09/deals")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("crm.schemas.line_items.write", "POST", "/crm/properties/2026-09/line_items")]
    [InlineData("crm.schemas.products.write", "POST", "/crm/properties/2026-09/products")]
    [InlineData("crm.schemas.orders.read", "GET", "/crm/properties/2026-09/orders")]
    [InlineData("crm.objects.deals.write", "POST", "/crm/objects/2026-09/deals")]
    [InlineData("crm.objects.line_items.write", "POST", "/crm/objects/2026-09/line_items/batch/create")]
    [InlineData("crm.pipelines.orders.read", "GET", "/crm/pipelines/2026-09/orders")]
    [InlineData("crm.objects.contacts.write", "POST", "/crm/associations/2026-09/companies/contacts/batch/create")]
    public async Task A_scope_that_is_withheld_is_missing_to_a_static_token_too(string scope, string method, string path)
    {
        await using var simulator = await WithAsync(new() { ScopesWithheld = [scope] });

        var refused = await simulator.SendAsync(new HttpMethod(method), path, method == "POST" ? new { } : null);

        (refused.Status, refused.Category).ShouldBe((403, "MISSING_SCOPES"));
        refused.Errors.Single()["context"]!["requiredGranularScopes"]!.AsArray().Select(s => (string)s!).ShouldBe([scope]);
    }

    [Fact]
    public async Task Definitions_of_line_items_are_written_with_the_older_bundle_scope_only()
    {
        await using var simulator = await WithAsync(new() { ScopesWithheld = ["e-commerce"] });

        (await simulator.PostAsync("/crm/properties/2026-09/line_items", PropertyTests.Key("ext_id", "lineiteminformation")))
            .Status.ShouldBe(403);
        (await simulator.GetAsync("/crm/properties/2026-09/line_items")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_token_says_that_a_scope_was_withheld()
    {
        await using var simulator = await WithAsync(new() { ScopesWithheld = ["crm.objects.orders.read"] });

        var tokens = (await simulator.RedeemAsync((await simulator.ConsentAsync("approve"))["code"])).Body;

        tokens["scopes"]!.AsArray().Select(s => (string)s!).ShouldNotContain("crm.objects.orders.read");
    }

    [Theory]
    [InlineData(EmptyValue.Null, true)]
    [InlineData(EmptyValue.Missing, false)]
    public async Task An_empty_value_is_null_or_missing(EmptyValue emptyValues, bool isThere)
    {
        await using var simulator = await WithAsync(new() { EmptyValues = emptyValues });
        var id = await simulator.MakeOrderAsync();

        var read = await simulator.GetAsync($"{Orders}/{id}?properties=hs_order_name,hs_tax");

        read.Body["properties"]!.AsObject().ContainsKey("hs_tax").ShouldBe(isThere);
        read.Body["properties"]!.AsObject().ContainsKey("hs_order_name").ShouldBeTrue();
    }

    [Fact]
    public async Task Ids_in_answers_about_associations_may_be_strings()
    {
        await using var simulator = await WithAsync(new() { AssociationIds = AssociationId.Strings });
        var (order, contact) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("contacts", new { email = "ann@example.com" }));

        var made = await simulator.SendAsync(HttpMethod.Put, $"{Orders}/{order}/associations/contacts/{contact}",
            new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = 507 } });
        var read = await simulator.GetAsync($"{Orders}/{order}/associations/contacts");

        made.Body["fromObjectId"]!.GetValue<string>().ShouldBe(order);
        read.Results.Single()["toObjectId"]!.GetValue<string>().ShouldBe(contact);
    }

    [Fact]
    public async Task Identical_line_items_of_a_batch_may_become_one()
    {
        await using var simulator = await WithAsync(new() { IdenticalLineItemsMerged = true });

        var said = await simulator.PostAsync("/crm/objects/2026-09/line_items/batch/create", new
        {
            inputs = new[] { Line("Tea", "a"), Line("Tea", "b"), Line("Rum", "c") },
        });

        (said.Status, said.Results.Count).ShouldBe((201, 2));
        (await simulator.RecordsAsync("line_items")).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false, 400, "Ann")]
    [InlineData(true, 207, "Bea")]
    public async Task Updates_may_be_partial_without_trace_ids(bool partial, int status, string name)
    {
        await using var simulator = await WithAsync(new() { UpdatesPartialWithoutTraceIds = partial });
        var first = await simulator.MakeAsync("contacts", new { firstname = "Ann" });
        var second = await simulator.MakeAsync("contacts", new { firstname = "Bob" });

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/update", new
        {
            inputs = new object[] { new { id = first, properties = new { firstname = "Bea" } },
                new { id = second, properties = new { nonsense = "x" } } },
        });

        said.Status.ShouldBe(status);
        ((string)(await simulator.GetAsync($"/crm/objects/2026-09/contacts/{first}")).Body["properties"]!["firstname"]!).ShouldBe(name);
    }

    [Theory]
    [InlineData(IntrospectionField.Any, true, true)]
    [InlineData(IntrospectionField.Token, true, false)]
    [InlineData(IntrospectionField.NamedAfterHint, false, true)]
    public async Task Introspection_may_look_into_one_field_only(IntrospectionField field, bool byToken, bool byHint)
    {
        await using var simulator = await WithAsync(new() { IntrospectionField = field });
        await simulator.ConnectAsync();

        (await IsActiveAsync(simulator, "token")).ShouldBe(byToken);
        (await IsActiveAsync(simulator, "access_token")).ShouldBe(byHint);
    }

    [Theory]
    [InlineData("v4", 200)]
    [InlineData("2026-09", 204)]
    public async Task The_status_of_archiving_associations_can_be_set(string version, int status)
    {
        await using var simulator = await WithAsync(new() { AssociationArchiveStatus = status });

        var said = await simulator.PostAsync($"/crm/associations/{version}/orders/contacts/batch/archive",
            new { inputs = new[] { new { from = new { id = "1" }, to = new[] { new { id = "2" } } } } });

        (said.Status, said.Text.Length > 0).ShouldBe((status, status == 200));
    }

    [Theory]
    [InlineData("v4", 200)]
    [InlineData("2026-09", 201)]
    public async Task The_status_of_creating_associations_can_be_set(string version, int status)
    {
        await using var simulator = await WithAsync(new() { AssociationCreateStatus = status });
        var (order, contact) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("contacts", new { email = "ann@example.com" }));

        var said = await simulator.PostAsync($"/crm/associations/{version}/orders/contacts/batch/create", new
        {
            inputs = new[] { new { from = new { id = order }, to = new { id = contact },
                types = new[] { new { associationCategory = "HUBSPOT_DEFINED", associationTypeId = 507 } } } },
        });

        said.Status.ShouldBe(status);
    }

    [Fact]
    public async Task A_429_may_say_when_to_come_back()
    {
        await using var simulator = await ASimulator.StartAsync(new SimulatorOptions { StaticCallsPerTenSeconds = 1, SearchesPerSecond = 1,
            Portals = [new() { Id = 12345678, Switches = new() { RetryAfterOn429 = true } }] });
        await simulator.GetAsync("/account-info/2026-09/details");
        await simulator.PostAsync($"{Orders}/search", new { });

        (await simulator.GetAsync("/account-info/2026-09/details")).Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(10));
        (await simulator.PostAsync($"{Orders}/search", new { })).Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_SKU_may_be_no_key_and_is_unique_all_the_same()
    {
        await using var simulator = await WithAsync(new() { SkuIsNoKey = true });
        await simulator.MakeAsync("products", new { name = "Tea", hs_sku = "T-1" });

        var get = await simulator.GetAsync("/crm/objects/2026-09/products/T-1?idProperty=hs_sku");
        var upsert = await simulator.PostAsync("/crm/objects/2026-09/products/batch/upsert",
            new { inputs = new[] { new { id = "T-1", idProperty = "hs_sku", properties = new { name = "Rum" } } } });
        var twin = await simulator.PostAsync("/crm/objects/2026-09/products", new { properties = new { name = "Rum", hs_sku = "T-1" } });

        (get.Status, upsert.Status, twin.Status).ShouldBe((400, 400, 400));
        upsert.Message.ShouldBe("Unable to perform upsert by non-unique 0-7 property hs_sku");
    }

    [Theory]
    [InlineData(false, 400)]
    [InlineData(true, 200)]
    public async Task A_single_read_may_take_a_domain_as_key(bool on, int status)
    {
        await using var simulator = await WithAsync(new() { DomainIsKeyForGet = on });
        await simulator.MakeAsync("companies", new { name = "One", domain = "example.com" });

        (await simulator.GetAsync("/crm/objects/2026-09/companies/Example.com?idProperty=domain")).Status.ShouldBe(status);
        (await simulator.SendAsync(HttpMethod.Patch, "/crm/objects/2026-09/companies/example.com?idProperty=domain",
            new { properties = new { name = "Two" } })).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Archived_records_may_keep_their_unique_values()
    {
        await using var simulator = await WithAsync(new() { ArchivedKeepUniqueValues = true });
        var id = await simulator.MakeAsync("contacts", new { email = "ann@example.com" });
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{id}");

        var refused = await simulator.PostAsync("/crm/objects/2026-09/contacts", new { properties = new { email = "ann@example.com" } });
        var upsert = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/upsert",
            new { inputs = new[] { new { id = "ann@example.com", idProperty = "email", properties = new { } } } });

        (refused.Status, refused.Message).ShouldBe((409, $"Contact already exists. Existing ID: {id}"));
        upsert.Status.ShouldBe(409);
    }

    [Theory]
    [InlineData(false, 207, 1)]
    [InlineData(true, 400, 0)]
    public async Task Updates_may_pass_over_trace_ids(bool on, int status, int written)
    {
        await using var simulator = await WithAsync(new() { UpdatesIgnoreTraceIds = on });
        var (ann, bob) = (await simulator.MakeAsync("contacts", new { firstname = "Ann" }), await simulator.MakeAsync("contacts", new { firstname = "Bob" }));

        var said = await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/update", new
        {
            inputs = new object[] { new { id = ann, objectWriteTraceId = "a", properties = new { firstname = "Bea" } },
                new { id = bob, objectWriteTraceId = "b", properties = new { nonsense = "x" } } },
        });

        said.Status.ShouldBe(status);
        said.Text.Contains("objectWriteTraceId", StringComparison.Ordinal).ShouldBe(!on);
        (await simulator.RecordsAsync("contacts")).Count(c => (string?)c!["properties"]!["firstname"] == "Bea").ShouldBe(written);
    }

    [Theory]
    [InlineData(false, 201)]
    [InlineData(true, 400)]
    public async Task Only_one_product_may_be_without_SKU(bool on, int second)
    {
        await using var simulator = await WithAsync(new() { EmptySkusAreTheSame = on });
        await simulator.MakeAsync("products", new { name = "Tea" });

        (await simulator.PostAsync("/crm/objects/2026-09/products", new { properties = new { name = "Rum" } })).Status.ShouldBe(second);
        (await simulator.PostAsync("/crm/objects/2026-09/products", new { properties = new { name = "Ale", hs_sku = "A-1" } })).Status.ShouldBe(201);
    }

    [Fact]
    public async Task The_external_id_of_orders_may_be_unique_and_is_not_when_the_switch_is_off_again()
    {
        await using var simulator = await WithAsync(new() { ExternalOrderIdIsUnique = true });
        await simulator.MakeAsync("orders", new { hs_order_name = "1", hs_external_order_id = "T1" });

        var twin = await simulator.PostAsync(Orders, new { properties = new { hs_order_name = "1", hs_external_order_id = "T1" } });
        var shown = await simulator.GetAsync("/crm/properties/2026-09/orders/hs_external_order_id");
        simulator.Switch(new());
        var free = await simulator.PostAsync(Orders, new { properties = new { hs_order_name = "1", hs_external_order_id = "T1" } });

        (twin.Status, (bool)shown.Body["hasUniqueValue"]!, free.Status).ShouldBe((400, true, 201));
    }

    [Fact]
    public async Task An_account_may_lack_a_property_and_name_its_pipeline_otherwise()
    {
        await using var simulator = await WithAsync(new()
        {
            PropertiesMissing = new Dictionary<string, IReadOnlyList<string>> { ["orders"] = ["hs_tax"] }, OrderPipelineId = "77",
        });

        var refused = await simulator.PostAsync(Orders, new { properties = new { hs_order_name = "1", hs_tax = "1" } });
        var all = await simulator.GetAsync("/crm/properties/2026-09/orders");
        var pipelines = await simulator.GetAsync("/crm/pipelines/2026-09/orders");
        simulator.Switch(new());

        refused.Status.ShouldBe(400);
        all.Results.ShouldNotContain(p => (string?)p["name"] == "hs_tax");
        ((string?)pipelines.Results[0]["id"]).ShouldBe("77");
        (await simulator.PostAsync(Orders, new { properties = new { hs_order_name = "1", hs_tax = "1" } })).Status.ShouldBe(201);
        ((string?)(await simulator.GetAsync("/crm/pipelines/2026-09/orders")).Results[0]["id"]).ShouldNotBe("77");
    }

    [Theory]
    [InlineData(false, "b")]
    [InlineData(true, null)]
    public async Task Records_may_lose_the_value_of_an_option_that_is_removed(bool on, string? left)
    {
        await using var simulator = await WithAsync(new() { RemovedOptionsAreEmptied = on });
        object[] options = [new { label = "A", value = "a", displayOrder = 0 }, new { label = "B", value = "b", displayOrder = 1 }];
        await simulator.PostAsync("/crm/properties/2026-09/contacts",
            new { name = "tier", label = "Tier", type = "enumeration", fieldType = "select", groupName = "contactinformation", options });
        var id = await simulator.MakeAsync("contacts", new { tier = "b" });

        await simulator.SendAsync(HttpMethod.Patch, "/crm/properties/2026-09/contacts/tier", new { options = options[..1] });

        ((string?)(await simulator.GetAsync($"/crm/objects/2026-09/contacts/{id}?properties=tier")).Body["properties"]!["tier"]).ShouldBe(left);
    }

    [Theory]
    [InlineData(false, 204, 404)]
    [InlineData(true, 404, 200)]
    public async Task What_is_not_there_may_be_not_found_and_the_API_may_restore(bool on, int unknown, int restored)
    {
        await using var simulator = await WithAsync(new() { UnknownDeletesAreNotFound = on, RestoresByApi = on });
        var id = await simulator.MakeOrderAsync();
        (await simulator.SendAsync(HttpMethod.Delete, $"{Orders}/{id}")).Status.ShouldBe(204);

        (await simulator.SendAsync(HttpMethod.Delete, $"{Orders}/1")).Status.ShouldBe(unknown);
        (await simulator.PostAsync($"{Orders}/{id}/restore")).Status.ShouldBe(restored);
    }

    [Fact]
    public async Task Empty_values_may_differ_by_type()
    {
        await using var simulator = await WithAsync(new() { EmptyValuesOf = new Dictionary<string, EmptyValue> { ["orders"] = EmptyValue.Missing } });
        var (order, contact) = (await simulator.MakeOrderAsync(), await simulator.MakeAsync("contacts", new { firstname = "Ann" }));

        (await simulator.GetAsync($"{Orders}/{order}?properties=hs_tax")).Body["properties"]!.AsObject().ContainsKey("hs_tax").ShouldBeFalse();
        (await simulator.GetAsync($"/crm/objects/2026-09/contacts/{contact}?properties=lastname")).Body["properties"]!.AsObject()
            .ContainsKey("lastname").ShouldBeTrue();
    }

    [Theory]
    [InlineData(2, 200)]
    [InlineData(1, 400)]
    public async Task The_limit_of_archiving_associations_can_be_set(int limit, int status)
    {
        await using var simulator = await WithAsync(new() { AssociationArchiveLimit = limit });
        var inputs = Enumerable.Repeat(new { from = new { id = "1" }, to = new[] { new { id = "2" } } }, 2);

        (await simulator.PostAsync("/crm/associations/2026-09/orders/contacts/batch/archive", new { inputs })).Status.ShouldBe(status);
    }

    private static string Path => $"/_simulator/portals/{ASimulator.Northwind}/switches";

    private static async Task<ASimulator> WithAsync(PortalSwitches switches)
    {
        var simulator = await ASimulator.StartAsync();
        simulator.Switch(switches);
        return simulator;
    }

    private static async Task<bool> IsActiveAsync(ASimulator simulator, string field)
    {
        var said = await simulator.SubmitAsync("/oauth/2026-09/token/introspect", [(field, simulator.Token), .. Consenting.Client]);
        return (bool)said.Body["active"]!;
    }

    private static JsonObject Line(string name, string trace) =>
        new() { ["objectWriteTraceId"] = trace, ["properties"] = new JsonObject { ["name"] = name } };
}
