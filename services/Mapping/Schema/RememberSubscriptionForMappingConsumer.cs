using HubSpotBus.Contracts.Subscriptions;
using MassTransit;

namespace HubSpotBus.Mappings.Schema;

/// <summary>
/// Keeps which object transactions become and which properties stand for the customer category, which decide what the account must have, and
/// whether default mappings are wanted.
/// </summary>
public sealed class RememberSubscriptionForMappingConsumer(MappingDb db) : IConsumer<SubscriptionSaved>
{
    public async Task Consume(ConsumeContext<SubscriptionSaved> context)
    {
        var saved = context.Message;
        var subscription = await db.SubscriptionAsync(saved.SubscriptionId, context.CancellationToken);
        // The same again, which the hub tells whenever connecting begins, may say what a version before this one did not keep.
        if (saved.Revision < subscription.Revision)
            return;
        subscription.Revision = saved.Revision;
        subscription.TransactionsBecome = saved.Transfers.TransactionsBecome;
        subscription.CreateDefaultMappings = saved.Transfers.CreateDefaultMappings;
        subscription.CompanyCategoryFieldName = saved.CompanyCategoryFieldName;
        subscription.ContactCategoryFieldName = saved.ContactCategoryFieldName;
        subscription.Stamp++;
    }
}
