using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Errors;
using HubSpotBus.HubSpot.Links;
using MassTransit;

namespace HubSpotBus.Customers.Pushing;

/// <summary>Makes sure that HubSpot has the companies and contacts that a batch of transactions names. No call when all are linked.</summary>
public sealed class EnsureCustomersConsumer(CustomerWriter writer, GuestWriter guests, TimeProvider time, ILogger<EnsureCustomersConsumer> log)
    : IConsumer<EnsureCustomers>
{
    public async Task Consume(ConsumeContext<EnsureCustomers> context)
    {
        var order = context.Message;
        using var lines = log.BeginScope(new Dictionary<string, object> { ["SubscriptionId"] = order.SubscriptionId, ["BatchId"] = order.BatchId });
        try
        {
            using var calls = CallScope.OfStep(order.Attempt, order.Backfill, order.NotAfter, time);
            var scope = new LinkScope(order.SubscriptionId, order.Links, context.MessageId!.Value);
            var mode = order.Verify ? WriteMode.Verify : WriteMode.EnsureExists;
            var companies = await writer.WriteCompaniesAsync(scope, order.Companies, mode, context.CancellationToken);
            var contacts = await writer.WriteContactsAsync(scope, [.. order.Customers.Where(c => !c.IsGuest)], mode, context.CancellationToken);
            var ofGuests = await guests.EnsureAsync(order.SubscriptionId, [.. order.Customers.Where(c => c.IsGuest)], order.Verify, context.CancellationToken);
            await context.Publish(new CustomersEnsured
            {
                BatchId = order.BatchId,
                SubscriptionId = order.SubscriptionId,
                Attempt = order.Attempt,
                Companies = Ids(companies),
                Customers = Ids([.. contacts, .. ofGuests]),
                Rejected = [.. Rejected(DataType.Company, companies), .. Rejected(DataType.Customer, [.. contacts, .. ofGuests])],
            });
        }
        catch (HubSpotException failure) when (failure.MayBeTriedAgain)
        {
            await context.Publish(new CustomersNotEnsured
            {
                BatchId = order.BatchId,
                SubscriptionId = order.SubscriptionId,
                Attempt = order.Attempt,
                Reason = failure.Message,
                RetryAfter = failure.RetryAfter,
            });
        }
    }

    private static Dictionary<string, string> Ids(IReadOnlyList<LinkedOutcome> outcomes) =>
        outcomes.Where(o => o.HubSpotId is not null).ToDictionary(o => o.HubId, o => o.HubSpotId!);

    private static IEnumerable<RejectedRecord> Rejected(DataType dataType, IReadOnlyList<LinkedOutcome> outcomes) =>
        outcomes.Where(o => o.Problem is not null)
            .Select(o => new RejectedRecord { DataType = dataType, Id = o.HubId, Problems = [o.Problem!.ToProblem()] });
}
