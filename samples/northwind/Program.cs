using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;

// Brings the Northwind company to the hub through its public API and checks what arrived in HubSpot.
return await Demo.RunAsync(args, NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data")).ToDemo());
