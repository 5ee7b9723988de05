using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot;
using HubSpotBus.Mappings.Categories;
using HubSpotBus.Mappings.Schema;
using HubSpotBus.Testing;
using MassTransit;
using Shouldly;
using Xunit;

namespace HubSpotBus.Mappings.Tests;

public sealed class ResolveCategoriesTests
{
    private const string Setting = "Company Category Field Name";
    private readonly Guid _subscription = NewId.NextGuid();

    [Theory]
    [InlineData("Customer tier")]
    [InlineData(" customer TIER ")]
    public void The_one_dropdown_with_the_label_is_the_category_property(string label) =>
        CategoryProperty.Find(Companies(Called("tier", "Customer tier"), Called("note", "Customer tier", "string", "text")), label, Setting)
            .ShouldBe(("tier", null));

    [Fact]
    public void Where_there_is_no_such_label_the_reason_says_how_to_make_the_property()
    {
        var (name, objection) = CategoryProperty.Find(Companies(), "Customer tier", Setting);
        name.ShouldBeNull();
        objection.ShouldBe("HubSpot's companies have no property with the label \"Customer tier\". Create it in HubSpot (Settings, Properties, Create property, "
            + "field type Dropdown select, with at least one option), or correct Company Category Field Name in the subscription's settings. Then connect again.");
    }

    [Theory]
    [InlineData("string", "text", false)]
    [InlineData("enumeration", "checkbox", false)] // takes several at once
    [InlineData("enumeration", "select", true)]
    public void What_is_no_dropdown_to_write_is_refused_with_what_it_is(string type, string fieldType, bool readOnly) =>
        CategoryProperty.Find(Companies(Called("tier", "Customer tier", type, fieldType) with { ReadOnly = readOnly }), "Customer tier", Setting)
            .Objection.ShouldNotBeNull().ShouldContain($"tier: {fieldType}");

    [Fact]
    public void Of_two_dropdowns_with_one_label_neither_is_guessed() =>
        CategoryProperty.Find(Companies(Called("tier", "Customer tier"), Called("tier_2", "Customer tier")), "Customer tier", Setting)
            .Objection.ShouldNotBeNull().ShouldContain("2 dropdowns with the label \"Customer tier\" (tier, tier_2)");

    [Fact]
    public async Task Category_properties_are_found_among_what_was_read_and_cost_no_call()
    {
        await using var egress = await AnEgress.StartAsync();
        egress.PropertiesOf(ObjectTypes.Companies).Add(Dropdown("tier", "Customer tier"));
        egress.PropertiesOf(ObjectTypes.Contacts).Add(Dropdown("kind", "Kind of customer"));
        await using var mapping = await PreparedAsync(egress, "Customer tier", "Kind of customer");
        var calls = egress.Calls.Count;
        await ResolveAsync(mapping);
        var resolved = await mapping.NextAsync<CategoriesResolved>();
        (resolved.SubscriptionId, resolved.Attempt, resolved.CompanyProperty, resolved.ContactProperty).ShouldBe((_subscription, 1, "tier", "kind"));
        egress.Calls.Count.ShouldBe(calls);
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_subscription_that_names_no_category_property_has_none()
    {
        await using var egress = await AnEgress.StartAsync();
        await using var mapping = await PreparedAsync(egress, null, null);
        await ResolveAsync(mapping);
        var resolved = await mapping.NextAsync<CategoriesResolved>();
        (resolved.CompanyProperty, resolved.ContactProperty).ShouldBe((null, null));
    }

    [Fact]
    public async Task What_stands_against_both_properties_is_told_at_once_and_stops_nothing()
    {
        await using var egress = await AnEgress.StartAsync();
        await using var mapping = await PreparedAsync(egress, "Customer tier", "Kind of customer");
        await ResolveAsync(mapping);
        var resolved = await mapping.NextAsync<CategoriesResolved>();
        (resolved.CompanyProperty, resolved.ContactProperty).ShouldBe((null, null));
        resolved.Problem.ShouldNotBeNull().ShouldContain("HubSpot's companies have no property with the label \"Customer tier\"");
        resolved.Problem.ShouldContain("HubSpot's contacts have no property with the label \"Kind of customer\"");
        resolved.Problem.ShouldContain("Contact Category Field Name");
    }

    [Fact]
    public async Task Settings_that_are_told_again_bring_what_a_version_before_did_not_keep_and_older_ones_change_nothing()
    {
        await using var egress = await AnEgress.StartAsync();
        egress.PropertiesOf(ObjectTypes.Companies).Add(Dropdown("tier", "Customer tier"));
        await using var mapping = await PreparedAsync(egress, null, null, revision: 2);
        var saved = AMapping.Saved(_subscription, revision: 2) with { CompanyCategoryFieldName = "Customer tier" };
        await mapping.PublishAsync(saved);
        await mapping.PublishAsync(saved with { Revision = 1, CompanyCategoryFieldName = null });
        await mapping.QuietAsync();
        await mapping.SendAsync(new PrepareProperties { SubscriptionId = _subscription, Attempt = 2, HubKey = "nw" });
        await mapping.NextAsync<PropertiesPrepared>();
        await ResolveAsync(mapping);
        (await mapping.NextAsync<CategoriesResolved>()).CompanyProperty.ShouldBe("tier");
    }

    [Fact]
    public async Task Where_nothing_of_the_account_is_known_the_step_is_refused_with_what_to_do()
    {
        await using var egress = await AnEgress.StartAsync();
        await using var mapping = await AMapping.StartAsync(egress);
        await mapping.PublishAsync(AMapping.Saved(_subscription) with { CompanyCategoryFieldName = "Customer tier" });
        await mapping.QuietAsync();
        await ResolveAsync(mapping);
        var failed = await mapping.NextAsync<ConnectingStepFailed>();
        (failed.SubscriptionId, failed.Attempt, failed.Transient).ShouldBe((_subscription, 1, false));
        failed.Reason.ShouldEndWith("Connect again.");
        await mapping.NoDeadLettersAsync();
    }

    private async Task<ServiceUnderTest> PreparedAsync(AnEgress egress, string? company, string? contact, long revision = 1)
    {
        var mapping = await AMapping.StartAsync(egress);
        await mapping.PublishAsync(AMapping.Saved(_subscription, revision: revision) with { CompanyCategoryFieldName = company, ContactCategoryFieldName = contact });
        await mapping.QuietAsync();
        await mapping.SendAsync(new PrepareProperties { SubscriptionId = _subscription, Attempt = 1, HubKey = "nw" });
        await mapping.NextAsync<PropertiesPrepared>();
        return mapping;
    }

    private Task ResolveAsync(ServiceUnderTest mapping) =>
        mapping.SendAsync(new ResolveCategories { SubscriptionId = _subscription, Attempt = 1 });

    private static ObjectSchema Companies(params PropertyDefinition[] properties) => new() { ObjectType = ObjectTypes.Companies, Properties = properties };

    private static PropertyDefinition Called(string name, string label, string type = "enumeration", string fieldType = "select") =>
        new() { Name = name, Label = label, Type = type, FieldType = fieldType };

    private static System.Text.Json.Nodes.JsonObject Dropdown(string name, string label) =>
        new() { ["name"] = name, ["label"] = label, ["type"] = "enumeration", ["fieldType"] = "select" };
}
