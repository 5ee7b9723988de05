using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>
/// Connects a HubSpotBus to the account, as an operator would, once for orders and once for deals, and tells what its own probe found
/// out. It lives in a folder that is deleted, and the properties that it makes in the account are deleted with the rest.
/// </summary>
internal sealed class OwnConnection(string token)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Tells what connecting came to; returns the HubSpot calls that it cost.</summary>
    public async Task<int> TellAsync(ProbedAccount account, Action<string> print)
    {
        foreach (var type in ObjectType.All)
            await account.Made.ExpectAsync(account, type);
        var folder = Directory.CreateTempSubdirectory("hubspotbus-probe-").FullName;
        try
        {
            await using var app = Build(account.Address, folder);
            await app.StartAsync();
            try
            {
                return await ConnectAsync(new Uri(app.Urls.First()), folder, account, print);
            }
            finally
            {
                await app.StopAsync();
            }
        }
        catch (Exception failure) when (failure is InvalidOperationException or HttpRequestException or IOException)
        {
            throw new ProbeStoppedException($"HubSpotBus could not be tried out: {failure.Message}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<int> ConnectAsync(Uri address, string folder, ProbedAccount account, Action<string> print)
    {
        using var http = new HttpClient { BaseAddress = address };
        var hub = new HubApi(http);
        hub.SignInWith((await File.ReadAllTextAsync(Path.Combine(folder, "admin-key"))).Trim());
        var calls = 0;
        foreach (var target in (string[])["Order", "Deal"])
        {
            var (told, cost) = await ConnectAsync(hub, account, target);
            print($"Connected for {target.ToLowerInvariant()}s: {told}; {cost} calls");
            calls += cost;
        }

        return calls;
    }

    private static WebApplication Build(Uri account, string folder)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = folder });

        // Nothing of an installation that this machine may have.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = $"http://127.0.0.1:{FreePort()}",
            ["Data:Folder"] = folder,
            ["HubSpotApp:AdditionalApiHosts:0"] = account.Authority,
        });
        builder.UseStandaloneSettings();
        builder.AddServiceDefaults("probe-account");
        builder.AddAllServices();
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapAllServices();
        return app;
    }

    private async Task<(string Told, int Calls)> ConnectAsync(HubApi hub, ProbedAccount account, string target)
    {
        var company = $"/api/companies/{(await hub.PostAsync("/api/companies", new { name = $"{account.RecordName} {target}" }))["id"]}";
        var settings = new { name = target, apiUrl = account.Address.ToString(), transactionsBecome = target };
        var connection = $"{company}/subscriptions/{(await hub.PostAsync($"{company}/subscriptions", settings))["id"]}/connection";
        await hub.PutAsync($"{connection}/token", new { token });
        var found = await EndAsync(hub, connection, account);
        var calls = (int)(await hub.GetAsync($"{connection}/meter"))["calls"]!;
        return ((string?)found["state"] == "connected" ? Abilities(found["account"]!) : $"no ({found["state"]}: {found["reason"]})", calls);
    }

    private static async Task<JsonNode> EndAsync(HubApi hub, string connection, ProbedAccount account)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(200))
        {
            var found = await hub.GetAsync(connection);
            if ((string?)found["state"] is "connected" or "failed" or "paused" || waited > Patience)
                return found;
            await Task.Delay(TimeSpan.FromMilliseconds(200), account.Stopping);
        }
    }

    private static string Abilities(JsonNode account) =>
        $"yes; currencies {All(account["currencies"])}; {account["callsPerTenSeconds"]} calls in ten seconds; writes {All(account["objectTypes"])}; "
        + $"keys not unique on {All(account["keysNotUnique"])}";

    private static string All(JsonNode? texts) => texts is JsonArray { Count: > 0 } some ? string.Join(", ", some.Select(t => (string?)t)) : "none";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
