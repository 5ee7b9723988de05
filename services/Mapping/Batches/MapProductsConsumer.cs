using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using MassTransit;

namespace HubSpotBus.Mappings.Batches;

public sealed class MapProductsConsumer(MappingDb db, MappingSets sets, ILogger<MapProductsConsumer> log) : IConsumer<MapProducts>
{
    public async Task Consume(ConsumeContext<MapProducts> context)
    {
        var order = context.Message;
        using var scope = log.BeginBatch(order.SubscriptionId, order.BatchId);
        var translator = await sets.TranslatorAsync(db, order.SubscriptionId, order.Settings, context.CancellationToken);
        var translated = translator.Products(order.Products);
        log.Records(DataType.Product, order.Products, p => p.Id, translated.Rejected);
        await context.Publish(new ProductsMapped
        {
            BatchId = order.BatchId,
            SubscriptionId = order.SubscriptionId,
            Settings = order.Settings,
            Backfill = order.Backfill,
            Products = translated.Products,
            Rejected = translated.Rejected,
            NotAfter = order.NotAfter,
        }, context.CancellationToken);
    }
}
