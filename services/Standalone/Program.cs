using HubSpotBus.ServiceDefaults;
using HubSpotBus.Standalone;

var builder = WebApplication.CreateBuilder(args);
builder.UseStandaloneSettings();
builder.AddServiceDefaults("standalone");
builder.AddAllServices();

await using var app = builder.Build();
app.MapServiceDefaults();
app.MapAllServices();

await app.RunAsync();
