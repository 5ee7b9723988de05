using System.Diagnostics;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.Testing;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

public sealed class BackupTests
{
    [Fact]
    public async Task An_older_backup_restored_after_everything_has_arrived_goes_on_and_doubles_nothing()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        await using var process = new AProcess(simulator);
        await process.StartAsync();
        using var http = new HttpClient { BaseAddress = process.Address };
        var hub = new HubApi(http);
        hub.SignInWith(AnInstallation.AdminKey);
        var (company, subscription) = await AnInstallation.SubscribeAsync(hub, simulator);
        await NorthwindTests.LoadAsync(hub, company);
        await ServiceUnderTest.UntilAsync(() => Task.FromResult(simulator.Calls.Of("orders.batch.create") >= 3), "orders are on their way");
        var file = Path.Combine(Directory.CreateTempSubdirectory("hubspotbus-test-").FullName, "backup.tar.gz");

        await ScriptAsync(process, "backup", file);
        await AnInstallation.SettledAsync(hub, subscription);
        await process.KillAsync();
        await ScriptAsync(process, "restore", file);
        await process.StartAsync();
        await NorthwindTests.LoadAsync(hub, company);
        await AnInstallation.SettledAsync(hub, subscription);

        (await NorthwindCheck.DifferencesAsync(new HubSpotAccount(simulator.CreateClient(), NorthwindFiles.HubSpotAccountId), NorthwindTests.Files)).ShouldBeEmpty();
        var lines = await new HubSpotAccount(simulator.CreateClient(), NorthwindFiles.HubSpotAccountId).RecordsAsync("line_items");
        lines.Count.ShouldBe(2155);
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
