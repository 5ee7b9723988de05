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
        bus.AddDurableConsumer<AdoptProductsConsumer, ProductDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<EnsureProductsConsumer, ProductDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<TransferProductsConsumer, ProductDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<WriteMappedProductsConsumer, ProductDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<WriteProductsConsumer, ProductDb>(HubSpotRegistration.ConsumedAtOnce);
    }
}
