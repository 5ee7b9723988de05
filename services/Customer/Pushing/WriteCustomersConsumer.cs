using HubSpotBus.Contracts.BatchExecutions;
using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Records;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Customers.Pushing;

/// <summary>Writes the companies and contacts of a batch execution. When HubSpot is out of reach it sends itself the same order, due later.</summary>
public sealed class WriteCustomersConsumer(CustomerWriter writer, TimeProvider time, ILogger<WriteCustomersConsumer> log) : IConsumer<WriteCustomers>
{
    private const int MaxAttempts = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(2);

    public async Task Consume(ConsumeContext<WriteCustomers> context)
    {
        var order = context.Message;
        using var lines = log.BeginScope(new Dictionary<string, object> { ["SubscriptionId"] = order.SubscriptionId, ["BatchId"] = order.BatchId });
        try
        {
            using var calls = CallScope.OfStep(order.Attempt, order.Backfill, order.NotAfter, time);
            var scope = new LinkScope(order.SubscriptionId, order.Links, context.MessageId!.Value);
            var companies = await writer.WriteCompaniesAsync(scope, order.Companies, WriteMode.Write, context.CancellationToken);
            var contacts = await writer.WriteContactsAsync(scope, order.Customers, WriteMode.Write, context.CancellationToken);
            await EndAsync(context, CustomerOutcomes.Of(order, companies, contacts));
        }
        catch (HubSpotException failure) when (failure.MayBeTriedAgain && MayTryAgain(order, failure))
        {
            var again = order with { Attempt = order.Attempt + 1 };
            await context.SendOrder(again, MessageIds.For(order.BatchId, "write", again.Attempt), Pause(order, failure));
        }
        catch (HubSpotException failure) when (failure.MayBeTriedAgain)
        {
            await EndAsync(context, CustomerOutcomes.Postponed(order, failure.Message));
        }
    }

    private bool MayTryAgain(WriteCustomers order, HubSpotException failure) =>
        order.Attempt < MaxAttempts && !(time.GetUtcNow() + Pause(order, failure) > order.NotAfter);

    private static TimeSpan Pause(WriteCustomers order, HubSpotException failure) => failure.RetryAfter ?? FirstDelay * Math.Pow(2, order.Attempt - 1);

    private static Task EndAsync(ConsumeContext<WriteCustomers> context, IReadOnlyList<TransferOutcome> outcomes) => context.Publish(
        new CustomersTransferred { BatchId = context.Message.BatchId, SubscriptionId = context.Message.SubscriptionId, Outcomes = outcomes },
        publish => publish.MessageId = MessageIds.For(context.Message.BatchId, "transferred"));
}

/// <summary>One outcome for each record of a batch execution. Pure.</summary>
internal static class CustomerOutcomes
{
    public static IReadOnlyList<TransferOutcome> Of(
        WriteCustomers order, IReadOnlyList<LinkedOutcome> companies, IReadOnlyList<LinkedOutcome> contacts) =>
    [
        .. companies.Select(o => Of(DataType.Company, o)),
        .. contacts.Select(o => Of(DataType.Customer, o)),
        .. Rejected(order),
    ];

    public static IReadOnlyList<TransferOutcome> Postponed(WriteCustomers order, string reason) =>
    [
        .. order.Companies.Select(c => Postponed(DataType.Company, c.Id, reason)),
        .. order.Customers.Select(c => Postponed(DataType.Customer, c.Id, reason)),
        .. Rejected(order),
    ];

    private static IEnumerable<TransferOutcome> Rejected(WriteCustomers order) => order.Rejected.Select(r => new TransferOutcome
    {
        DataType = r.DataType,
        Id = r.Id,
        Result = TransferResult.Parked,
        Problems = r.Problems,
    });

    private static TransferOutcome Postponed(DataType type, string id, string reason) =>
        new() { DataType = type, Id = id, Result = TransferResult.Postponed, Problems = [new Problem { Message = reason }] };

    private static TransferOutcome Of(DataType type, LinkedOutcome outcome) => new()
    {
        DataType = type,
        Id = outcome.HubId,
        Result = outcome.Result switch
        {
            LinkedResult.Rejected => outcome.Problem is { Kind: ProblemKind.RefusedTogether } ? TransferResult.Postponed : TransferResult.Parked,
            LinkedResult.Unchanged => TransferResult.Unchanged,
            _ => TransferResult.Transferred,
        },
        HubSpotId = outcome.HubSpotId,
        Problems = outcome.Problem is { } problem ? [problem.ToProblem()] : [],
    };
}
