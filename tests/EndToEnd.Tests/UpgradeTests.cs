using HubSpotBus.HubSpotSimulator.Faults;
using HubSpotBus.Testing;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>Run by <c>make upgrade-check</c>, which builds the version before: its programs are in the folder VERSION_BEFORE.</summary>
public sealed class UpgradeTests(RealServers servers)
{
    [Fact(Explicit = true)]
    public async Task Northwind_begun_by_the_version_before_is_finished_by_this_one_that_takes_its_place_replica_by_replica()
    {
        var before = Environment.GetEnvironmentVariable("VERSION_BEFORE") ?? throw new InvalidOperationException("VERSION_BEFORE is not set: use make upgrade-check.");
        await using var installation = await AnInstallationOfProcesses.StartAsync(servers, replicas: 2, before);
        await installation.ConnectAsync(new { concurrentConnections = 1 });
        installation.Simulator.Faults.Add(new Fault { DelayMilliseconds = 4000 }); // so that the middle lasts
        await NorthwindTests.LoadAsync(installation);

        // Sagas are in flight and orders wait in the queues, from the first replica on to the last.
        await NorthwindTests.MoreCallsAsync(installation, 8);
        foreach (var replica in AnInstallationOfProcesses.Services.SelectMany(installation.Replicas))
        {
            await ServiceUnderTest.UntilAsync(
                async () => await installation.BatchesUnderWayAsync(installation.SubscriptionId) > 0 && await installation.MessagesAsync() > 0,
                $"sagas are in flight and messages in the queues when {replica.Service} is replaced", TimeSpan.FromMinutes(1));
            await replica.KillAsync();
            replica.Programs = ServicePrograms.Folder;
            await replica.StartAsync();
        }

        installation.Simulator.Faults.Clear();
        await NorthwindTests.ArrivedAsync(installation);
    }
}
