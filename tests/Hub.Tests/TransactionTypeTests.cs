using System.Net;
using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Contracts.Transactions;
using HubSpotBus.Testing;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace HubSpotBus.Hub.Tests;

/// <summary>The settings of a subscription that say which transactions transfer, and what a change of them sets free.</summary>
public sealed class TransactionTypeTests
{
    [Fact]
    public async Task A_type_that_does_not_transfer_is_skipped_with_that_reason_whatever_it_refers_to()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();

        await hub.PutAsync($"{hub.Company}/records/transactions/Q1", """{"id":"Q1","type":"Quote","customerId":"NOBODY"}""");
        await hub.UntilStateAsync(subscription, "transactions", "Q1", "skipped");

        (await hub.TransferAsync(subscription, "transactions", "Q1"))["problems"]![0]!["message"]!.ToString().ShouldBe(
            "Transactions of type Quote do not transfer, only Order. Add the type to Transaction Types in the subscription's settings if it should.");
        (await hub.Service.ReadAsync<HubDb, int>(db => db.BatchExecutions.CountAsync())).ShouldBe(0);
        await hub.Service.NoDeadLettersAsync();
    }

    [Fact]
    public async Task Once_the_setting_names_the_type_what_was_skipped_goes_by_itself()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync($"{hub.Company}/records/transactions/Q1", """{"id":"Q1","type":"Quote"}""");
        await hub.PutAsync($"{hub.Company}/records/transactions/R1", """{"id":"R1","type":"Return"}""");
        await hub.UntilStateAsync(subscription, "transactions", "Q1", "skipped");
        await hub.UntilStateAsync(subscription, "transactions", "R1", "skipped");

        await hub.PutAsync(subscription, """{"name":"HubSpot - Test","transactionTypes":["Order"," quote "]}""");

        var order = await hub.Service.NextAsync<TransferTransactions>();
        order.Transactions.Single().Record.Id.ShouldBe("Q1");
        await hub.AnswerAsync(order);
        await hub.UntilStateAsync(subscription, "transactions", "Q1", "transferred");
        (await hub.TransferAsync(subscription, "transactions", "R1"))["state"]!.ToString().ShouldBe("skipped");
        await hub.PutAsync(subscription, """{"name":"HubSpot - Test","transactionTypes":["Order","Quote"]}""");
        await hub.Service.QuietAsync();
        hub.Service.Waiting<TransferTransactions>().ShouldBe(0);
    }

    [Fact]
    public async Task Stages_of_statuses_are_shown_checked_and_go_along_with_every_batch()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        await hub.PutAsync(subscription, """{"name":"HubSpot - Test","stagesOfStatuses":{" On hold ":"Open","Return/*":"Cancelled"}}""");
        await hub.PutAsync($"{hub.Company}/records/transactions/T1", """{"id":"T1","status":"On hold"}""");

        var order = await hub.Service.NextAsync<TransferTransactions>();
        order.Settings.StagesOfStatuses.ShouldNotBeNull().ShouldBe(new Dictionary<string, string> { ["On hold"] = "Open", ["Return/*"] = "Cancelled" }, ignoreOrder: true);
        (await hub.GetAsync(subscription))["stagesOfStatuses"]!["On hold"]!.ToString().ShouldBe("Open");
        (await hub.PutAsync(subscription, """{"name":"HubSpot - Test","stagesOfStatuses":{"On hold":" "}}""", HttpStatusCode.BadRequest))
            .ToJsonString().ShouldContain("stagesOfStatuses");
    }

    [Fact]
    public async Task Two_thousand_skipped_ones_do_not_keep_the_rest_waiting()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync();
        var id = Guid.Parse(subscription.Split('/')[^1]);
        await hub.Service.PublishAsync(new ConnectionPaused { SubscriptionId = id, Reason = "So that all are looked at together." });
        await ServiceUnderTest.UntilAsync(async () => (string?)(await hub.GetAsync($"{subscription}/connection"))["state"] == "paused", "paused");
        await hub.UploadAsync("transactions",
            [.. Enumerable.Range(1, 2000).Select(n => $$"""{"id":"Q{{n}}","type":"Quote"}"""), """{"id":"T1"}"""]);

        await hub.Service.PublishAsync(new ConnectionResumed { SubscriptionId = id });

        (await hub.Service.NextAsync<TransferTransactions>()).Transactions.Single().Record.Id.ShouldBe("T1");
    }

    [Fact]
    public async Task A_parked_transaction_is_tried_again_when_a_setting_that_counts_changes_and_not_for_the_throttle()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync("""{"name":"HubSpot - Test","stagesOfStatuses":{"On hold":"Open"}}""");
        await hub.PutAsync($"{hub.Company}/records/transactions/T1", """{"id":"T1"}""");
        var order = await hub.Service.NextAsync<TransferTransactions>();
        await hub.Service.PublishAsync(new TransactionsTransferred
        {
            BatchId = order.BatchId,
            SubscriptionId = order.SubscriptionId,
            Outcomes = [new TransferOutcome { DataType = DataType.Transaction, Id = "T1", Result = TransferResult.Parked, Problems = [new Problem { Message = "It does not add up." }] }],
        });
        await hub.UntilStateAsync(subscription, "transactions", "T1", "parked");

        await hub.PutAsync(subscription, """{"name":"HubSpot - Test","apiThrottleLimit":100,"stagesOfStatuses":{"On hold":"Open"}}""");
        (await hub.TransferAsync(subscription, "transactions", "T1"))["state"]!.ToString().ShouldBe("parked");
        await hub.PutAsync(subscription, """{"name":"HubSpot - Test","totalsMustAddUp":false,"stagesOfStatuses":{"On hold":"Open"}}""");

        (await hub.Service.NextAsync<TransferTransactions>()).Settings.TotalsMustAddUp.ShouldBeFalse();
    }

    [Fact]
    public async Task The_settings_travel_with_the_batch_and_are_shown()
    {
        await using var hub = await AHub.StartAsync();
        var subscription = await hub.ConnectedAsync(
            """{"name":"HubSpot - Test","transactionTypes":["Order","Return"],"guestsBecomeContacts":false,"transferWithoutCustomer":false}""");
        await hub.PutAsync($"{hub.Company}/records/transactions/R1", """{"id":"R1","type":"RETURN","guest":{"email":"gus@example.com"}}""");

        var order = await hub.Service.NextAsync<TransferTransactions>();
        (order.Settings.GuestsBecomeContacts, order.Settings.TransferWithoutCustomer, order.Settings.TotalsMustAddUp).ShouldBe((false, false, true));
        order.Transactions.Single().Record.Guest!.Email.ShouldBe("gus@example.com");
        var shown = await hub.GetAsync(subscription);
        shown["transactionTypes"]!.AsArray().Select(t => (string?)t).ShouldBe(["Order", "Return"]);
        ((bool)shown["guestsBecomeContacts"]!).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"name":"HubSpot - Test","transactionTypes":[]}""", "transactionTypes")]
    [InlineData("""{"name":"HubSpot - Test","transactionTypes":[" "]}""", "transactionTypes")]
    public async Task Settings_that_make_no_sense_are_named(string settings, string field)
    {
        await using var hub = await AHub.StartAsync();
        var answer = await hub.SendAsync(HttpMethod.Post, $"{hub.Company}/subscriptions", settings, HttpStatusCode.BadRequest);
        answer["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
    }

    [Theory]
    [InlineData("customers/guest:x", """{"id":"guest:x"}""", "id")]
    [InlineData("transactions/T1", """{"id":"T1","type":""}""", "type")]
    [InlineData("transactions/T1", """{"id":"T1","taxAmount":-1}""", "taxAmount")]
    [InlineData("transactions/T1", """{"id":"T1","lines":[{"id":"1","sku":"A","quantity":1,"unitPrice":-1}]}""", "lines[0].unitPrice")]
    public async Task A_record_that_the_hub_does_not_take_is_refused_by_field(string path, string record, string field)
    {
        await using var hub = await AHub.StartAsync();
        var answer = await hub.PutAsync($"{hub.Company}/records/{path}", record, HttpStatusCode.BadRequest);
        answer["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
    }
}
