using HubSpotBus.ServiceDefaults;
using HubSpotBus.Transactions;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("transaction");
builder.AddTransaction();
builder.AddServiceBus(bus => bus.AddTransactionConsumers());

await using var app = builder.Build();
app.MapServiceDefaults();

await app.RunAsync();
