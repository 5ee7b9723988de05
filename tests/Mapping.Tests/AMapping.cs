using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Mappings;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.Testing;
using MassTransit;

namespace HubSpotBus.Mappings.Tests;

/// <summary>The Mapping service on a bus, with spies on all its facts.</summary>
internal static class AMapping
{
    public static Task<ServiceUnderTest> StartAsync(AnEgress? egress = null, IReadOnlyDictionary<string, string?>? settings = null) => ServiceUnderTest.StartAsync(
        builder => builder.AddMapping(),
        bus =>
        {
            bus.AddMappingConsumers();
            bus.SpyOnFact<CustomersMapped>();
            bus.SpyOnFact<ProductsMapped>();
            bus.SpyOnFact<TransactionsMapped>();
            bus.SpyOnFact<MappingsPrepared>();
            bus.SpyOnFact<PropertiesPrepared>();
            bus.SpyOnFact<CategoriesResolved>();
            bus.SpyOnFact<ConnectingStepFailed>();
        },
        settings: settings ?? new Dictionary<string, string?>
        {
            ["Egress:BaseAddress"] = egress?.BaseAddress.ToString() ?? "http://127.0.0.1:1",
            ["Egress:ServiceKey"] = AnEgress.ServiceKey,
        });

    public static SubscriptionSaved Saved(Guid subscriptionId, TransactionTarget target = TransactionTarget.Order, long revision = 1) =>
        new()
    {
        SubscriptionId = subscriptionId,
        CompanyId = NewId.NextGuid(),
        Revision = revision,
        Name = "Northwind",
        HubKey = "nw",
        HubSpotApiVersion = "2026-09",
        ApiUrl = new Uri("https://api.hubapi.com"),
        ThrottleLimit = 500,
        ThrottleSeconds = 60,
        ConcurrentConnections = 5,
        ConcurrentBatchExecutions = 2,
        Transfers = Northwind.Settings with { TransactionsBecome = target },
    };
}
