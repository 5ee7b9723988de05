using HubSpotBus.Auth;
using HubSpotBus.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("auth");
builder.AddAuth();
builder.AddServiceBus(bus => bus.AddAuthConsumers());

await using var app = builder.Build();
app.MapServiceDefaults();
app.MapAuth();

await app.RunAsync();
