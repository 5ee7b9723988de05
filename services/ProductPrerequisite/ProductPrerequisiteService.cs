using HubSpotBus.HubSpot;
using HubSpotBus.ProductPrerequisite.Adopting;
using HubSpotBus.ProductPrerequisite.Ensuring;
using HubSpotBus.ProductPrerequisite.Pushing;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.ProductPrerequisite;

public static class ProductPrerequisiteService
{
    public static void AddProductPrerequisite(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<ProductDb>();
        builder.AddHubSpotClient();
        builder.Services.AddScoped<ProductWriter>();
        builder.Services.AddScoped<ProductsBySku>();
    }

    public static void AddProductPrerequisiteConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddDurableConsumer<AdoptProductsConsumer, ProductDb>(concurrency: 1);
        bus.AddDurableConsumer<EnsureProductsConsumer, ProductDb>(concurrency: 10);
        bus.AddDurableConsumer<TransferProductsConsumer, ProductDb>(concurrency: 10);
        bus.AddDurableConsumer<WriteMappedProductsConsumer, ProductDb>(concurrency: 10);
        bus.AddDurableConsumer<WriteProductsConsumer, ProductDb>(concurrency: 10);
    }
}
