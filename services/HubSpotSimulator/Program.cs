using HubSpotBus.HubSpotSimulator;

var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null)
{
    builder.WebHost.UseUrls("http://127.0.0.1:5190");
}

builder.AddSimulator();

await using var app = builder.Build();
app.MapSimulator();

await app.RunAsync();
