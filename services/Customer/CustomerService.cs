using HubSpotBus.Customers.Adopting;
using HubSpotBus.Customers.Pushing;
using HubSpotBus.HubSpot;
using HubSpotBus.ServiceDefaults;
using MassTransit;

namespace HubSpotBus.Customers;

public static class CustomerService
{
    public static void AddCustomer(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<CustomerDb>();
        builder.AddHubSpotClient();
        builder.Services.AddScoped<CustomerWriter>();
        builder.Services.AddScoped<GuestWriter>();
    }

    public static void AddCustomerConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddDurableConsumer<AdoptCustomersConsumer, CustomerDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<TransferCustomersConsumer, CustomerDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<WriteMappedCustomersConsumer, CustomerDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<WriteCustomersConsumer, CustomerDb>(HubSpotRegistration.ConsumedAtOnce);
        bus.AddDurableConsumer<EnsureCustomersConsumer, CustomerDb>(HubSpotRegistration.ConsumedAtOnce);
    }
}
