using HubSpotBus.Auth.Egress;
using HubSpotBus.Contracts.Subscriptions;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Auth.Connecting;

/// <summary>Keeps the settings of subscriptions; a changed one applies to the next call.</summary>
public sealed class RememberSubscriptionConsumer(AuthDb db, LiveConnections connections) : IConsumer<SubscriptionSaved>
{
    public async Task Consume(ConsumeContext<SubscriptionSaved> context)
    {
        var saved = context.Message;
        var settings = await db.Settings.SingleOrDefaultAsync(s => s.SubscriptionId == saved.SubscriptionId, context.CancellationToken)
            ?? db.Settings.Add(new SubscriptionSettings { SubscriptionId = saved.SubscriptionId, Revision = -1 }).Entity;
        if (!settings.Take(saved))
            return;

        // Committed before memory is told, so that memory never runs ahead of the store.
        await db.SaveChangesAsync(context.CancellationToken);
        await connections.ReloadAsync(saved.SubscriptionId, context.CancellationToken);
    }
}
