using HubSpotBus.Samples.Northwind;

// Usage: Northwind <hub address> <simulator address> <data folder>
// Brings the Northwind company to the hub through its public API and checks what arrived in HubSpot. Exit code 0 when all did.
if (args is not [var hubAddress, var simulatorAddress, var dataFolder])
{
    Console.Error.WriteLine("Usage: Northwind <hub address> <simulator address> <data folder>");
    return 2;
}

using var hubHttp = new HttpClient { BaseAddress = new Uri(hubAddress) };
using var simulatorHttp = new HttpClient { BaseAddress = new Uri(simulatorAddress) };
var demo = new Demo(
    new HubApi(hubHttp),
    new HubSpotAccount(simulatorHttp, Demo.HubSpotAccountId),
    NorthwindFiles.Read(Path.Combine(AppContext.BaseDirectory, "data")),
    dataFolder,
    simulatorAddress);
try
{
    return await demo.RunAsync();
}
catch (Exception failure) when (failure is HttpRequestException or InvalidOperationException or TimeoutException)
{
    Console.Error.WriteLine($"The demo ended early: {failure.Message}");
    return 1;
}
