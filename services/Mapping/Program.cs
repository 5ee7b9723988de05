using HubSpotBus.Mappings;
using HubSpotBus.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("mapping");
builder.AddMapping();
builder.AddServiceBus(bus => bus.AddMappingConsumers());

await using var app = builder.Build();
app.MapServiceDefaults();

await app.RunAsync();
