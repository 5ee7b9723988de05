using System.Diagnostics;
using HubSpotBus.EndToEnd.Tests;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
using HubSpotBus.Standalone.Tests;

// Whether memory stays flat while a million transfers wait: services on RabbitMQ and PostgreSQL, then Standalone on SQLite.
// make bench-waiting, with TRANSFERS=... and ONLY=standalone
const int Steps = 4, Upload = 25_000;
const double MayGrow = 1.15;
const long MayGrowMegabytes = 30;
var most = args is [var wanted, ..] ? int.Parse(wanted, null) : 1_000_000;
var onlyStandalone = args is [_, "standalone"];
var works = TimeSpan.FromMinutes(3);
var throttle = new { apiThrottleLimit = 5, apiThrottleSeconds = 60 };

if (!onlyStandalone)
{
    Console.WriteLine("Services on RabbitMQ and PostgreSQL");
    await using var servers = new RealServers();
    await servers.InitializeAsync();
    await using var installation = await AnInstallationOfProcesses.StartAsync(servers);
    await installation.ConnectAsync(throttle);
    await RunAsync(
        installation.Api, installation.Company, installation.Subscription,
        [.. AnInstallationOfProcesses.Services.Select(s => (s, installation.Replicas(s)[0]))]);
}

Console.WriteLine("\nStandalone on SQLite");
await using (var simulator = await SimulatorHost.StartAsync(new SimulatorOptions()))
{
    var folder = Directory.CreateTempSubdirectory("hubspotbus-bench-").FullName;
    var standalone = new AServiceProcess("Standalone", new Dictionary<string, string>
    {
        ["Data__Folder"] = folder,
        ["Hub__AdminKey"] = AnInstallation.AdminKey,
        ["HubSpotApp__ClientId"] = "hubspotbus-demo",
        ["HubSpotApp__ClientSecret"] = "hubspotbus-demo-secret",
        ["HubSpotApp__AuthorizeUrl"] = new Uri(simulator.BaseAddress, "/oauth/authorize").ToString(),
        ["HubSpotApp__AdditionalApiHosts__0"] = simulator.BaseAddress.Authority,
    }, Path.Combine(folder, "log"));
    try
    {
        await standalone.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{standalone.Port}") };
        var hub = new HubApi(http);
        hub.SignInWith(AnInstallation.AdminKey);
        var (company, subscription) = await AnInstallation.SubscribeAsync(hub, simulator, throttle, within: TimeSpan.FromMinutes(6));
        await RunAsync(hub, company, subscription, [("Standalone", standalone)]);
    }
    finally
    {
        await standalone.KillAsync();
        Directory.Delete(folder, recursive: true);
    }
}

return Environment.ExitCode;

async Task RunAsync(HubApi hub, string company, string subscription, IReadOnlyList<(string Name, AServiceProcess Process)> processes)
{
    var clock = Stopwatch.StartNew();
    Console.WriteLine($"| waiting | after s | {string.Join(" | ", processes.Select(p => $"{p.Name} MB"))} |\n|---|---|{string.Concat(processes.Select(_ => "---|"))}");
    Show("0");
    List<long> first = [];
    for (var step = 1; step <= Steps; step++)
    {
        var (from, to) = ((step - 1) * (most / Steps), step * (most / Steps));
        for (var at = from; at < to; at += Upload)
        {
            await hub.UploadAsync(
                $"{company}/records/companies", Enumerable.Range(at, Math.Min(Upload, to - at)).Select(n => new { id = $"F{n}", name = $"Firm {n}", phone = "030 0074321" }));
        }

        var seen = Show(await WaitingAsync());
        first = step == 1 ? seen : first;
    }

    await Task.Delay(works);
    var last = Show(await WaitingAsync());
    foreach (var ((name, _), before, now) in processes.Select((p, i) => (p, first[i], last[i])))
    {
        if (now > (before * MayGrow) + MayGrowMegabytes)
        {
            Console.WriteLine($"GROWS: {name} from {before} to {now} MB");
            Environment.ExitCode = 1;
        }
    }

    List<long> Show(string waiting)
    {
        var megabytes = processes.Select(p => p.Process.Megabytes).ToList();
        Console.WriteLine($"| {waiting} | {clock.Elapsed.TotalSeconds:0} | {string.Join(" | ", megabytes)} |");
        return megabytes;
    }

    async Task<string> WaitingAsync()
    {
        var companies = (await hub.GetAsync($"{subscription}/summary"))["transfers"]!["companies"]!;
        return $"{(int?)companies["pending"] ?? 0} ({(int?)companies["transferred"] ?? 0} transferred)";
    }
}
