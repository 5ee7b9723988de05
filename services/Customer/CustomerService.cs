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
        bus.AddDurableConsumer<AdoptCustomersConsumer, CustomerDb>(concurrency: 1);
        bus.AddDurableConsumer<TransferCustomersConsumer, CustomerDb>(concurrency: 10);
        bus.AddDurableConsumer<WriteMappedCustomersConsumer, CustomerDb>(concurrency: 10);
        bus.AddDurableConsumer<WriteCustomersConsumer, CustomerDb>(concurrency: 10);
        bus.AddDurableConsumer<EnsureCustomersConsumer, CustomerDb>(concurrency: 10);
    }
}
