using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Adoption;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Transactions.Adopting;

/// <summary>Learns what the account allows of orders, deals and line items. None is listed: they are known by our key alone.</summary>
public sealed class AdoptTransactionsConsumer(TransactionDb db, AdoptionStep step) : IConsumer<AdoptTransactions>
{
    public Task Consume(ConsumeContext<AdoptTransactions> context) => step.RunAsync(
        context, db, context.Message.SubscriptionId, context.Message.Attempt, context.Message.LinksSince,
        context.Message.KeysNotUnique, [ObjectTypes.Orders, ObjectTypes.Deals, ObjectTypes.LineItems], [],
        cancellation => db.IncompleteMarks.Where(m => m.SubscriptionId == context.Message.SubscriptionId).ExecuteDeleteAsync(cancellation));
}
