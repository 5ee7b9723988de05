using HubSpotBus.Contracts.Subscriptions;
using MassTransit;

namespace HubSpotBus.Mappings.Schema;

/// <summary>
/// Keeps which object transactions become, which decides the properties that the account must have, and whether default mappings
/// are wanted.
/// </summary>
public sealed class RememberSubscriptionForMappingConsumer(MappingDb db) : IConsumer<SubscriptionSaved>
{
    public async Task Consume(ConsumeContext<SubscriptionSaved> context)
    {
        var saved = context.Message;
        var subscription = await db.SubscriptionAsync(saved.SubscriptionId, context.CancellationToken);
        if (saved.Revision <= subscription.Revision)
            return;
        subscription.Revision = saved.Revision;
        subscription.TransactionsBecome = saved.Transfers.TransactionsBecome;
        subscription.CreateDefaultMappings = saved.Transfers.CreateDefaultMappings;
        subscription.Stamp++;
    }
}
