using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.HubSpot;
using HubSpotBus.Mappings.Schema;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using Fault = HubSpotBus.HubSpotSimulator.Faults.Fault;
using FaultMatch = HubSpotBus.HubSpotSimulator.Faults.FaultMatch;

namespace HubSpotBus.Mappings.Tests;

public sealed class PreparePropertiesTests
{
    private readonly Guid _subscription = NewId.NextGuid();
    private int _attempt;

    [Fact]
    public async Task The_first_connect_of_an_account_takes_eleven_calls_and_the_second_six()
    {
        await using var egress = await AnEgress.StartAsync();
        await using var mapping = await AMapping.StartAsync(egress);
        await mapping.PublishAsync(AMapping.Saved(_subscription));
        await mapping.QuietAsync();

        await PrepareAsync(mapping);
        (await mapping.NextAsync<PropertiesPrepared>()).Attempt.ShouldBe(1);
        egress.Calls.Count.ShouldBe(11);
        egress.PropertiesOf("orders").Single(p => (string?)p!["name"] == "hub_transaction_id")!["hasUniqueValue"]!.GetValue<bool>()
            .ShouldBeTrue();

        egress.Calls.Clear();
        await PrepareAsync(mapping);
        (await mapping.NextAsync<PropertiesPrepared>()).Attempt.ShouldBe(2);
        egress.Calls.Count.ShouldBe(6);
        egress.Calls.ShouldAllBe(call => call.StartsWith("GET"));
        await mapping.NoDeadLettersAsync();
    }

    [Theory]
    [InlineData(TransactionTarget.Order, "orders", "deals")]
    [InlineData(TransactionTarget.Deal, "deals", "orders")]
    public async Task Only_the_object_that_transactions_become_is_prepared_and_its_pipeline_is_kept(
        TransactionTarget target, string used, string unused)
    {
        await using var egress = await AnEgress.StartAsync();
        await using var mapping = await AMapping.StartAsync(egress);
        await mapping.PublishAsync(AMapping.Saved(_subscription, target));
        await mapping.QuietAsync();

        await PrepareAsync(mapping);
        await mapping.NextAsync<PropertiesPrepared>();

        egress.Calls.ShouldNotContain(call => call.EndsWith(unused));
        var schema = await mapping.ReadAsync<MappingDb,
            ObjectSchema>(async db => ObjectSchema.FromJson((await db.Schemas.SingleAsync(s => s.ObjectType == used)).Json));
        schema.Pipeline!.Stages.Select(s => (s.Id, s.Closed)).ShouldBe([("begin", false), ("end", true)]);
        schema.Properties.Select(p => p.Name)
            .ShouldBe(AnAccount.Schema().Single(s => s.ObjectType == used).Properties.Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Deals_get_our_properties_for_state_and_amounts_once()
    {
        await using var egress = await AnEgress.StartAsync();
        var deals = egress.PropertiesOf(ObjectTypes.Deals);
        foreach (var own in deals.Where(p => ((string?)p!["name"])!.StartsWith("hub_")).ToList())
            deals.Remove(own);
        await using var mapping = await AMapping.StartAsync(egress);
        await mapping.PublishAsync(AMapping.Saved(_subscription, TransactionTarget.Deal));
        await mapping.QuietAsync();

        await PrepareAsync(mapping);
        await mapping.NextAsync<PropertiesPrepared>();
        egress.Calls.Count(call => call == "POST crm/properties/deals").ShouldBe(6);
        (await NamesAsync(mapping)).Count(name => name.StartsWith("hub_")).ShouldBe(5);

        egress.Calls.Clear();
        await PrepareAsync(mapping);
        await mapping.NextAsync<PropertiesPrepared>();
        egress.Calls.ShouldAllBe(call => call.StartsWith("GET"));
    }

    [Fact]
    public async Task An_account_that_takes_no_more_properties_does_without_ours_on_deals()
    {
        await using var hubSpot = await ASimulatedHubSpot.StartAsync();
        hubSpot.Simulator.Faults.Add(new Fault { Match = new FaultMatch { Kind = "*properties.create", PathContains = "deals" }, Status = 400 });
        await using var mapping = await AMapping.StartAsync(settings: hubSpot.Settings);
        await mapping.PublishAsync(AMapping.Saved(_subscription, TransactionTarget.Deal));
        await mapping.QuietAsync();

        await PrepareAsync(mapping);
        await mapping.NextAsync<PropertiesPrepared>();

        (await NamesAsync(mapping)).ShouldNotContain(name => name.StartsWith("hub_"));
        hubSpot.Simulator.Calls.Answered(400).ShouldBe(1);
        await mapping.NoDeadLettersAsync();
    }

    [Fact]
    public async Task A_key_property_that_is_not_unique_is_told_and_used_all_the_same()
    {
        await using var egress = await AnEgress.StartAsync();
        egress.PropertiesOf(ObjectTypes.Contacts).Add(AnEgress.Definition("hub_customer_id"));
        await using var mapping = await AMapping.StartAsync(egress);
        await mapping.PublishAsync(AMapping.Saved(_subscription));
        await mapping.QuietAsync();
        await PrepareAsync(mapping);
        var prepared = await mapping.NextAsync<PropertiesPrepared>();
        prepared.KeysNotUnique.ShouldBe(["contacts"]);
        prepared.ObjectTypes.ShouldBe(["companies", "contacts", "products", "orders", "line_items"]);
    }

    [Fact]
    public async Task A_key_property_that_is_no_text_ends_connecting_with_what_to_do()
    {
        await using var egress = await AnEgress.StartAsync();
        egress.PropertiesOf(ObjectTypes.Products).Add(AnEgress.Definition("hub_product_id", "number", unique: true));
        var (reason, transient) = await FailureAsync(egress);
        reason.ShouldStartWith("HubSpot's products have a property hub_product_id of type number; it has to be text.");
        transient.ShouldBeFalse();
    }

    [Theory]
    [InlineData(429, "", true, "HubSpot's line_items could not be prepared. HubSpot's or the subscription's call limit leaves no room now")]
    [InlineData(503, "", true, "HubSpot's line_items could not be prepared. HubSpot could not be reached (answer 503)")]
    [InlineData(
        403, """{"context":{"requiredGranularScopes":["crm.schemas.line_items.write"]}}""", false,
        "HubSpot's line_items could not be prepared. The connection lacks the scope crm.schemas.line_items.write.")]
    [InlineData(
        400, """{"message":"Ten unique properties are enough."}""", false,
        "HubSpot's line_items could not be prepared. HubSpot refused the record: Ten unique properties are enough.")]
    public async Task A_refusal_is_told_in_plain_words_and_tried_again_only_where_that_may_help(
        int status, string body, bool transient, string reason)
    {
        await using var egress = await AnEgress.StartAsync();
        egress.Instead = path => path.EndsWith("line_items") ? Results.Text(body, "application/json", statusCode: status) : null;
        var failure = await FailureAsync(egress);
        failure.Reason.ShouldStartWith(reason);
        failure.Transient.ShouldBe(transient);
    }

    [Fact]
    public async Task A_subscription_whose_settings_have_not_arrived_is_tried_again()
    {
        await using var egress = await AnEgress.StartAsync();
        var (reason, transient) = await FailureAsync(egress, saved: false);
        reason.ShouldStartWith("The subscription's settings have not arrived yet.");
        transient.ShouldBeTrue();
        egress.Calls.ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(ServiceUnderTest mapping) =>
        [.. (await mapping.ReadAsync<MappingDb, ObjectSchema>(async db => ObjectSchema.FromJson((await db.Schemas.SingleAsync(s => s.ObjectType == ObjectTypes.Deals)).Json)))
            .Properties.Select(p => p.Name)];

    private async Task<(string Reason, bool Transient)> FailureAsync(AnEgress egress, bool saved = true)
    {
        await using var mapping = await AMapping.StartAsync(egress);
        if (saved)
            await mapping.PublishAsync(AMapping.Saved(_subscription));
        await mapping.QuietAsync();
        await PrepareAsync(mapping);
        var failed = await mapping.NextAsync<ConnectingStepFailed>();
        (failed.SubscriptionId, failed.Attempt, failed.Step).ShouldBe((_subscription, 1, "properties"));
        mapping.Waiting<PropertiesPrepared>().ShouldBe(0);
        await mapping.NoDeadLettersAsync();
        return (failed.Reason, failed.Transient);
    }

    private Task PrepareAsync(ServiceUnderTest mapping) =>
        mapping.SendAsync(new PrepareProperties { SubscriptionId = _subscription, Attempt = ++_attempt, HubKey = "nw" });
}
