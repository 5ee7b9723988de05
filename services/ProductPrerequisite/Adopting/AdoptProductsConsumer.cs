using HubSpotBus.Contracts.Connections;
using HubSpotBus.HubSpot;
using HubSpotBus.HubSpot.Adoption;
using MassTransit;

namespace HubSpotBus.ProductPrerequisite.Adopting;

/// <summary>Learns which products the account has already.</summary>
public sealed class AdoptProductsConsumer(ProductDb db, AdoptionStep step) : IConsumer<AdoptProducts>
{
    public Task Consume(ConsumeContext<AdoptProducts> context) => step.RunAsync(
        context, db, context.Message.SubscriptionId, context.Message.Attempt, context.Message.KeysNotUnique, [ObjectTypes.Products], [ObjectTypes.Products]);
}
