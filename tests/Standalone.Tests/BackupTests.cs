using System.Diagnostics;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Store;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

public sealed class BackupTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_older_backup_restored_after_everything_has_arrived_goes_on_and_doubles_nothing(bool keysAreUnique)
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        if (!keysAreUnique)
        {
            simulator.Switch(long.Parse(NorthwindFiles.HubSpotAccountId, null),
                new PortalSwitches { UniquePropertiesTaken = ["companies", "contacts", "products", "orders", "line_items"] });
        }

        await using var process = new AProcess(simulator);
        await process.StartAsync();
        var hub = process.Hub;
        var (company, subscription) = await AnInstallation.SubscribeAsync(hub, simulator);
        await NorthwindTests.LoadAsync(hub, company);
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(simulator.Calls.Of("orders.batch.create") >= 3), "orders are on their way");
        var file = Path.Combine(Directory.CreateTempSubdirectory("hubspotbus-test-").FullName, "backup.tar.gz");

        await ScriptAsync(process, "backup", file);
        await AnInstallation.SettledAsync(hub, subscription);
        await process.KillAsync();
        await ScriptAsync(process, "restore", file);
        await AnHourPassedSinceTheBackupAsync(process);
        await process.StartAsync();
        await NorthwindTests.LoadAsync(hub, company);
        await AnInstallation.SettledAsync(hub, subscription);

        var account = new HubSpotAccount(simulator.CreateClient(), NorthwindFiles.HubSpotAccountId);
        (await NorthwindCheck.DifferencesAsync(account, NorthwindTests.Files)).ShouldBeEmpty();
        foreach (var (type, count) in new[] { ("companies", 91), ("contacts", 91), ("products", 77), ("orders", 830), ("line_items", 2155) })
            (await account.RecordsAsync(type)).Count.ShouldBe(count, type);
    }

    // What was begun then must be over by now, and is not waited for.
    private static async Task AnHourPassedSinceTheBackupAsync(AProcess process)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(process.Folder, "hubspotbus.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = string.Join(';', new[] { "customer", "product", "transaction" }
            .Select(service => $"UPDATE {service}_link SET BegunAt = BegunAt - 3600000, ClaimedUntil = ClaimedUntil - 3600000"));
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task ScriptAsync(AProcess process, string what, string file)
    {
        var start = new ProcessStartInfo(Path.Combine(RepositoryRoot(), "build", "backup.sh"), [what, file]);
        start.Environment["DATA_FOLDER"] = process.Folder;
        start.Environment["HUB_PORT"] = $"{process.Address.Port}";
        start.Environment["STANDALONE"] = Path.Combine(AppContext.BaseDirectory, "HubSpotBus.Standalone.dll");
        using var script = Process.Start(start)!;
        await script.WaitForExitAsync();
        script.ExitCode.ShouldBe(0);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HubSpotBus.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
