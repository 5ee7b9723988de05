using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>
/// The data folder of an earlier version, killed while Northwind went over: five batch executions running in all steps of the saga, seven
/// orders in the queues. Upgrade/README.md says how it was made.
/// </summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task A_data_folder_of_version_0_1_0_with_sagas_in_flight_and_queues_full_goes_on_to_the_end()
    {
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        await using (var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Upgrade", "0.1.0.tar.gz")))
        await using (var unzipped = new GZipStream(file, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(unzipped, folder, overwriteFiles: false, TestContext.Current.CancellationToken);
        // Not in the folder, which the process takes with it when it ends: the simulator still writes then.
        var hubSpot = Path.Combine(AppContext.BaseDirectory, "Upgrade", "hubspot.json");
        File.Move(Path.Combine(folder, "hubspot.json"), hubSpot, overwrite: true);
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero, DataFile = hubSpot });
        MoveTo(simulator.BaseAddress, Path.Combine(folder, "hubspotbus.db"));
        await using var process = new AProcess(simulator, folder);

        await process.StartAsync();

        var hub = process.Hub;
        var company = $"/api/companies/{(await hub.GetAsync("/api/companies"))[0]!["id"]}";
        var subscription = $"{company}/subscriptions/{(await hub.GetAsync($"{company}/subscriptions"))[0]!["id"]}";
        JsonNode summary = await AnInstallation.SettledAsync(hub, subscription);
        ((int?)summary["transfers"]!["transactions"]!["transferred"]).ShouldBe(830, summary.ToJsonString());
        (await NorthwindCheck.DifferencesAsync(new HubSpotAccount(simulator.CreateClient(), NorthwindFiles.HubSpotAccountId), NorthwindTests.Files)).ShouldBeEmpty();
        simulator.Calls.Answered(409).ShouldBe(0);
    }

    // The simulator listens on another port than the one of those days.
    private static void MoveTo(Uri simulator, string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE hub_subscription SET ApiUrl = $url; UPDATE auth_subscription_settings SET ApiUrl = $url;";
        command.Parameters.AddWithValue("$url", simulator.ToString());
        command.ExecuteNonQuery();
    }
}
