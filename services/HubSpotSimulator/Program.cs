using HubSpotBus.HubSpotSimulator;

var builder = WebApplication.CreateBuilder(args);
var options = builder.Configuration.GetSection(SimulatorOptions.Section).Get<SimulatorOptions>() ?? new SimulatorOptions();
builder.WebHost.UseUrls(builder.Configuration["Urls"] ?? "http://127.0.0.1:5190");
builder.AddSimulator(options, TimeProvider.System);

await using var app = builder.Build();
app.MapSimulator();

await app.RunAsync();
