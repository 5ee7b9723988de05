using HubSpotBus.HubSpot;
using HubSpotBus.Mappings.Batches;
using HubSpotBus.Mappings.Categories;
using HubSpotBus.Mappings.Collections;
using HubSpotBus.Mappings.Schema;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Mappings;

public static class MappingService
{
    public static void AddMapping(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<MappingDb>();
        builder.AddHubSpotClient();
        builder.Services.AddSingleton<MappingSets>();
    }

    public static void AddMappingConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddDurableConsumer<RememberSubscriptionForMappingConsumer, MappingDb>(concurrency: 1);
        bus.AddDurableConsumer<RememberAccountConsumer, MappingDb>(concurrency: 1);
        bus.AddDurableConsumer<PreparePropertiesConsumer, MappingDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<ResolveCategoriesConsumer, MappingDb>();
        bus.AddDurableConsumer<PrepareMappingsConsumer, MappingDb>();
        bus.AddDurableConsumer<MapCustomersConsumer, MappingDb>();
        bus.AddDurableConsumer<MapProductsConsumer, MappingDb>();
        bus.AddDurableConsumer<MapTransactionsConsumer, MappingDb>();
    }
}
