using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Products;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.ProductPrerequisite.Pushing;

/// <summary>Begins a batch execution of products: has them translated.</summary>
public sealed class TransferProductsConsumer : IConsumer<TransferProducts>
{
    public Task Consume(ConsumeContext<TransferProducts> context) => context.SendOrder(
        new MapProducts
        {
            BatchId = context.Message.BatchId,
            SubscriptionId = context.Message.SubscriptionId,
            Settings = context.Message.Settings,
            Backfill = context.Message.Backfill,
            Products = context.Message.Products,
            NotAfter = context.Message.NotAfter,
        },
        MessageIds.For(context.Message.BatchId, "map"));
}

/// <summary>Goes on once they are translated.</summary>
public sealed class WriteMappedProductsConsumer : IConsumer<ProductsMapped>
{
    public Task Consume(ConsumeContext<ProductsMapped> context) => context.SendOrder(
        new WriteProducts
        {
            BatchId = context.Message.BatchId,
            SubscriptionId = context.Message.SubscriptionId,
            Attempt = 1,
            Links = context.Message.Settings.Links,
            Backfill = context.Message.Backfill,
            Products = context.Message.Products,
            Rejected = context.Message.Rejected,
            NotAfter = context.Message.NotAfter,
        },
        MessageIds.For(context.Message.BatchId, "write", 1));
}
