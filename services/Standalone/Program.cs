using HubSpotBus.ServiceDefaults;
using HubSpotBus.Standalone;

var builder = WebApplication.CreateBuilder(args);
if (args is ["backup", var file])
{
    BackUp.To(builder.Configuration, file);
    return;
}

builder.UseStandaloneSettings();
builder.AddServiceDefaults("standalone");
builder.AddAllServices();

await using var app = builder.Build();
app.MapServiceDefaults();
app.MapAllServices();

await app.RunAsync();
