using HubSpotBus.ProductPrerequisite;
using HubSpotBus.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("product-prerequisite");
builder.AddProductPrerequisite();
builder.AddServiceBus(bus => bus.AddProductPrerequisiteConsumers());

await using var app = builder.Build();
app.MapServiceDefaults();

await app.RunAsync();
