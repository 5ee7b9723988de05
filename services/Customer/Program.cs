using HubSpotBus.Customers;
using HubSpotBus.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("customer");
builder.AddCustomer();
builder.AddServiceBus(bus => bus.AddCustomerConsumers());

await using var app = builder.Build();
app.MapServiceDefaults();

await app.RunAsync();
