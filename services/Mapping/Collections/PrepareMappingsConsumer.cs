using HubSpotBus.Contracts.Connections;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.Mappings.Collections;

/// <summary>Gives the subscription its own copy of the mapping set's collections, once, unless it wants none.</summary>
public sealed class PrepareMappingsConsumer(MappingDb db) : IConsumer<PrepareMappings>
{
    public async Task Consume(ConsumeContext<PrepareMappings> context)
    {
        var order = context.Message;
        if (!DefaultCollections.Has(order.MappingSet))
        {
            await context.Publish(new ConnectingStepFailed
            {
                SubscriptionId = order.SubscriptionId,
                Attempt = order.Attempt,
                Step = "mappings",
                Reason = $"There is no mapping set '{order.MappingSet}'. Choose another version of the integration for the subscription.",
                Transient = false,
            }, context.CancellationToken);
            return;
        }

        var subscription = await db.SubscriptionAsync(order.SubscriptionId, context.CancellationToken);
        if (subscription.CreateDefaultMappings)
            await CopyAsync(order, context.CancellationToken);
        subscription.Stamp++;
        await context.Publish(
            new MappingsPrepared { SubscriptionId = order.SubscriptionId, Attempt = order.Attempt }, context.CancellationToken);
    }

    private async Task CopyAsync(PrepareMappings order, CancellationToken cancellationToken)
    {
        var there = await db.Collections.Where(c => c.SubscriptionId == order.SubscriptionId).Select(c => c.Kind)
            .ToListAsync(cancellationToken);
        foreach (var collection in DefaultCollections.Of(order.MappingSet).Where(c => !there.Contains(c.Kind)))
        {
            db.Collections.Add(new StoredCollection
            {
                SubscriptionId = order.SubscriptionId, Kind = collection.Kind, MappingSet = order.MappingSet, Json = collection.ToJson(),
            });
        }
    }
}
