using System.Text.Json.Nodes;
using HubSpotBus.Hub;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples.Northwind;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace HubSpotBus.Standalone.Tests;

/// <summary>All services in this process as Standalone composes them, against a simulated HubSpot, used through the public API.</summary>
internal sealed class AnInstallation : IAsyncDisposable
{
    public const string AdminKey = "an administrator's key for tests";
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly HttpClient _http;

    private AnInstallation(WebApplication app, SimulatorHost simulator, string folder, Uri address)
    {
        _app = app;
        _folder = folder;
        _http = new HttpClient { BaseAddress = address };
        Simulator = simulator;
        Hub = new HubApi(_http);
        Hub.SignInWith(AdminKey);
    }

    public SimulatorHost Simulator { get; }

    public HubApi Hub { get; }

    public required LogLines Log { get; init; }

    /// <summary>Path of the company (tenant).</summary>
    public string Company { get; private set; } = "";

    /// <summary>Path of the subscription.</summary>
    public string Subscription { get; private set; } = "";

    public HubSpotAccount Account => new(Simulator.CreateClient(), Demo.HubSpotAccountId);

    /// <summary>
    /// Starts everything and connects a subscription by OAuth; extra settings as the API takes them. What the account is to hold or to be
    /// like before is done first.
    /// </summary>
    public static async Task<AnInstallation> ConnectedAsync(object? settings = null, Func<SimulatorHost, Task>? before = null)
    {
        var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero });
        if (before is not null)
            await before(simulator);
        var port = AProcess.FreePort();
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Testing" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = $"http://127.0.0.1:{port}",
            ["Data:Folder"] = folder,
            ["Hub:AdminKey"] = AdminKey,
            ["Hub:RetryUnit"] = "00:00:00.200",
            ["TransactionSaga:FirstDelay"] = "00:00:00.050",
            ["Links:SettleTime"] = "00:00:00.500",
            ["HubSpotApp:ClientId"] = "hubspotbus-demo",
            ["HubSpotApp:ClientSecret"] = "hubspotbus-demo-secret",
            ["HubSpotApp:AuthorizeUrl"] = new Uri(simulator.BaseAddress, "/oauth/authorize").ToString(),
            ["HubSpotApp:AdditionalApiHosts:0"] = simulator.BaseAddress.Authority,
        });
        builder.UseStandaloneSettings();
        builder.AddServiceDefaults("standalone");
        builder.AddAllServices();
        var log = new LogLines();
        builder.Services.AddSingleton<ILoggerFactory>(new LoggerFactory([log]));
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapAllServices();
        await app.StartAsync();
        var installation = new AnInstallation(app, simulator, folder, new Uri($"http://127.0.0.1:{port}")) { Log = log };
        try
        {
            await installation.SubscribeAsync(settings);
            return installation;
        }
        catch (ShouldAssertException)
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until nothing is pending, running or postponed any more.</summary>
    public Task<JsonNode> SettledAsync() => SettledAsync(Hub, Subscription);

    public static async Task<JsonNode> SettledAsync(HubApi hub, string subscription)
    {
        JsonNode summary = new JsonObject();
        await ServiceUnderTest.UntilAsync(async () => IsSettled(summary = await hub.GetAsync($"{subscription}/summary")), "everything is settled");
        return summary;
    }

    public static bool IsSettled(JsonNode summary) => !summary["transfers"]!.AsObject().SelectMany(t => t.Value!.AsObject())
        .Any(s => s.Key is "pending" or "running" or "postponed" && (int)s.Value! > 0);

    /// <summary>A company (tenant) with a subscription that is connected by OAuth; their paths.</summary>
    public static async Task<(string Company, string Subscription)> SubscribeAsync(HubApi hub, SimulatorHost simulator, object? settings = null)
    {
        var company = $"/api/companies/{(await hub.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        var body = settings is null ? [] : (JsonObject)System.Text.Json.JsonSerializer.SerializeToNode(settings)!;
        body["name"] = "HubSpot - Test";
        body["apiUrl"] = simulator.BaseAddress.ToString();
        var subscription = $"{company}/subscriptions/{(await hub.PostAsync($"{company}/subscriptions", body))["id"]}";
        var link = await hub.PostAsync($"{subscription}/connection", new { });
        await Consent.ApproveAsync(new Uri((string)link["authorizeUrl"]!), Demo.HubSpotAccountId);
        await ServiceUnderTest.UntilAsync(async () =>
        {
            var connection = await hub.GetAsync($"{subscription}/connection");
            ((string?)connection["state"]).ShouldNotBe("failed", connection.ToJsonString());
            return (string?)connection["state"] == "connected";
        }, "the subscription is connected");
        return (company, subscription);
    }

    public async Task<JsonNode> TransferOfAsync(string dataType, string recordId) =>
        ((JsonArray)(await Hub.GetAsync($"{Subscription}/transfers?dataType={dataType}&recordId={recordId}"))["items"]!)[0]!;

    /// <summary>Calls to HubSpot that something costs, from the beginning until all is settled.</summary>
    public async Task<int> CallsOfAsync(Func<Task> something)
    {
        var before = Simulator.Calls.Total;
        await something();
        await SettledAsync();
        return Simulator.Calls.Total - before;
    }

    /// <summary>Makes a record in HubSpot as somebody else would; returns its id.</summary>
    public Task<string> CreateInHubSpotAsync(string type, string json) => CreateInHubSpotAsync(Simulator, type, json);

    public static async Task<string> CreateInHubSpotAsync(SimulatorHost simulator, string type, string json) =>
        (string)(await InHubSpotAsync(simulator, HttpMethod.Post, type, json))["id"]!;

    /// <summary>Archives a record in HubSpot as somebody else would.</summary>
    public Task DeleteInHubSpotAsync(string type, string id) => InHubSpotAsync(Simulator, HttpMethod.Delete, $"{type}/{id}", "");

    /// <summary>Merges two records in HubSpot as somebody else would; returns the id of the survivor.</summary>
    public async Task<string> MergeInHubSpotAsync(string type, string primary, string other) => (string)(await InHubSpotAsync(
        Simulator, HttpMethod.Post, $"{type}/merge", $$"""{"primaryObjectId":"{{primary}}","objectIdToMerge":"{{other}}"}"""))["id"]!;

    /// <summary>Deletes a property in HubSpot as somebody else would.</summary>
    public Task DeletePropertyInHubSpotAsync(string type, string name) => InHubSpotAsync(Simulator, HttpMethod.Delete, $"{type}/{name}", "", "properties");

    private static async Task<JsonNode> InHubSpotAsync(SimulatorHost simulator, HttpMethod method, string path, string json, string area = "objects")
    {
        using var http = simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", "pat-sim-12345678");
        using var request = new HttpRequestMessage(method, $"/crm/{area}/2026-09/{path}") { Content = new StringContent(json) };
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public async Task NoDeadLettersAsync()
    {
        await using var scope = _app.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<HubDb>().DeadLetters.Select(d => d.MessageType + d.Error).ToList().ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Simulator.DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "hubspotbus.db")};Default Timeout=30"))
            SqliteConnection.ClearPool(connection);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SubscribeAsync(object? settings) => (Company, Subscription) = await SubscribeAsync(Hub, Simulator, settings);
}
