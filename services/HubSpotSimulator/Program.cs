using HubSpotBus.HubSpotSimulator;

await using var app = SimulatorHost.Compose(args);

await app.RunAsync();
