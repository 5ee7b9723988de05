using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Adoption;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HubSpotBus.ProductPrerequisite.Adopting;

/// <summary>Learns which products the account has already.</summary>
public sealed class AdoptProductsConsumer(ProductDb db, AdoptionStep step) : IConsumer<AdoptProducts>
{
    public Task Consume(ConsumeContext<AdoptProducts> context) => step.RunAsync(
        context, db, context.Message.SubscriptionId, context.Message.Attempt, context.Message.LinksSince,
        context.Message.KeysNotUnique, [ObjectTypes.Products], [ObjectTypes.Products],
        cancellation => db.SkuLinks.Where(l => l.SubscriptionId == context.Message.SubscriptionId).ExecuteDeleteAsync(cancellation));
}
