using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using MassTransit;

namespace HubSpotBus.Mappings.Batches;

public sealed class MapCustomersConsumer(MappingDb db, MappingSets sets, ILogger<MapCustomersConsumer> log) : IConsumer<MapCustomers>
{
    public async Task Consume(ConsumeContext<MapCustomers> context)
    {
        var order = context.Message;
        using var scope = log.BeginBatch(order.SubscriptionId, order.BatchId);
        var translator = await sets.TranslatorAsync(db, order.SubscriptionId, order.Settings, context.CancellationToken);
        var translated = translator.Customers(order.Companies, order.Customers);
        log.Records(DataType.Company, order.Companies, c => c.Id, translated.Rejected);
        log.Records(DataType.Customer, order.Customers, c => c.Id, translated.Rejected);
        await context.Publish(new CustomersMapped
        {
            BatchId = order.BatchId,
            SubscriptionId = order.SubscriptionId,
            Settings = order.Settings,
            Backfill = order.Backfill,
            Companies = translated.Companies,
            Customers = translated.Customers,
            Rejected = translated.Rejected,
            NotAfter = order.NotAfter,
        }, context.CancellationToken);
    }
}
