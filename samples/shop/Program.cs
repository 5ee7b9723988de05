using HubSpotBus.Samples;
using HubSpotBus.Samples.Shop;

// Brings a made-up shop to the hub through its public API and checks what arrived in HubSpot, case by case (README.md).
return await Demo.RunAsync(args, CornerShop.Open().ToDemo());
