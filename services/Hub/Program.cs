using HubSpotBus.Hub;
using HubSpotBus.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("hub");
builder.AddHub();
builder.AddServiceBus(bus => bus.AddHubConsumers());

await using var app = builder.Build();
app.MapServiceDefaults();
app.MapHub();

await app.RunAsync();
