using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Records;
using HubSpotBus.Mappings.Translating;
using MassTransit;

namespace HubSpotBus.Mappings.Batches;

public sealed class MapTransactionsConsumer(MappingDb db, MappingSets sets, ILogger<MapTransactionsConsumer> log)
    : IConsumer<MapTransactions>
{
    public async Task Consume(ConsumeContext<MapTransactions> context)
    {
        var order = context.Message;
        using var scope = log.BeginBatch(order.SubscriptionId, order.BatchId);
        var translator = await sets.TranslatorAsync(db, order.SubscriptionId, order.Settings, context.CancellationToken);
        var customers = translator.Customers(order.Companies, order.Customers);
        var products = translator.Products(order.Products);
        var references = new References(order.Companies, order.Customers, customers, products);
        var translated = translator.Transactions(order.Settings, order.Transactions, references);
        log.Records(DataType.Company, order.Companies, c => c.Id, customers.Rejected);
        log.Records(DataType.Customer, order.Customers, c => c.Id, customers.Rejected);
        log.Records(DataType.Product, order.Products, p => p.Id, products.Rejected);
        log.Records(DataType.Transaction, order.Transactions, t => t.Id, translated.Rejected);
        await context.Publish(new TransactionsMapped
        {
            BatchId = order.BatchId,
            SubscriptionId = order.SubscriptionId,
            Settings = order.Settings,
            Transactions = translated.Transactions,
            Companies = customers.Companies,
            Customers = [.. customers.Customers, .. translated.Guests],
            Products = products.Products,
            Rejected = [.. customers.Rejected, .. products.Rejected, .. translated.Rejected],
        }, context.CancellationToken);
    }
}
