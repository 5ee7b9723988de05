using HubSpotBus.Contracts.Customers;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Customers.Pushing;

/// <summary>Begins a batch execution of companies or customers: has them translated.</summary>
public sealed class TransferCustomersConsumer : IConsumer<TransferCustomers>
{
    public Task Consume(ConsumeContext<TransferCustomers> context) => context.SendOrder(
        new MapCustomers
        {
            BatchId = context.Message.BatchId,
            SubscriptionId = context.Message.SubscriptionId,
            Settings = context.Message.Settings,
            Backfill = context.Message.Backfill,
            Companies = context.Message.Companies,
            Customers = context.Message.Customers,
            NotAfter = context.Message.NotAfter,
        },
        MessageIds.For(context.Message.BatchId, "map"));
}

/// <summary>Goes on once they are translated.</summary>
public sealed class WriteMappedCustomersConsumer : IConsumer<CustomersMapped>
{
    public Task Consume(ConsumeContext<CustomersMapped> context) => context.SendOrder(
        new WriteCustomers
        {
            BatchId = context.Message.BatchId,
            SubscriptionId = context.Message.SubscriptionId,
            Attempt = 1,
            Links = context.Message.Settings.Links,
            Backfill = context.Message.Backfill,
            Companies = context.Message.Companies,
            Customers = context.Message.Customers,
            Rejected = context.Message.Rejected,
            NotAfter = context.Message.NotAfter,
        },
        MessageIds.For(context.Message.BatchId, "write", 1));
}
