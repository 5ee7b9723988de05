using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.Hub;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
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

    /// <summary>How long a create without an answer may still arrive, instead of 30 s; where tests let one arrive late it takes two.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(4);

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

    public IServiceProvider Services => _app.Services;

    public Uri Address => _http.BaseAddress!;

    public string Folder => _folder;

    /// <summary>Path of the company (tenant).</summary>
    public string Company { get; private set; } = "";

    /// <summary>Path of the subscription.</summary>
    public string Subscription { get; private set; } = "";

    public HubSpotAccount Account => new(Simulator.CreateClient(), AccountId);

    public required string AccountId { get; init; }

    /// <summary>
    /// Starts everything and connects a subscription by OAuth; extra settings as the API takes them. What the account is to hold or to be
    /// like before is done first. The listener hears every log line.
    /// </summary>
    public static async Task<AnInstallation> ConnectedAsync(
        object? settings = null, Func<SimulatorHost, Task>? before = null, string account = NorthwindFiles.HubSpotAccountId,
        ILoggerProvider? listener = null, Dictionary<string, string?>? configuration = null, SimulatorOptions? hubSpot = null)
    {
        var installation = await StartAsync(before, account, configuration, listener, hubSpot);
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

    /// <summary>Starts everything, without a company or subscription; extra configuration wins.</summary>
    public static async Task<AnInstallation> StartAsync(
        Func<SimulatorHost, Task>? before = null, string account = NorthwindFiles.HubSpotAccountId, Dictionary<string, string?>? configuration = null,
        ILoggerProvider? listener = null, SimulatorOptions? hubSpot = null)
    {
        var port = AProcess.FreePort();
        hubSpot ??= new SimulatorOptions();
        hubSpot.RedirectUris = [$"http://127.0.0.1:{port}/oauth/callback"];
        hubSpot.RequiredScopes = HubSpotAppOptions.DefaultScopes.Split(' ');
        var simulator = await SimulatorHost.StartAsync(hubSpot);
        if (before is not null)
            await before(simulator);
        var folder = Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Testing" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = $"http://127.0.0.1:{port}",
            ["Data:Folder"] = folder,
            ["Hub:AdminKey"] = AdminKey,
            ["Hub:RetryUnit"] = "00:00:00.200",
            ["TransactionSaga:FirstDelay"] = "00:00:00.050",
            ["Links:SettleTime"] = SettleTime.ToString(),
            ["HubSpotApp:ClientId"] = "hubspotbus-demo",
            ["HubSpotApp:ClientSecret"] = "hubspotbus-demo-secret",
            ["HubSpotApp:AuthorizeUrl"] = new Uri(simulator.BaseAddress, "/oauth/authorize").ToString(),
            ["HubSpotApp:AdditionalApiHosts:0"] = simulator.BaseAddress.Authority,
            ["HubSpotApp:ApiUrl"] = simulator.BaseAddress.ToString(),
        });
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.UseStandaloneSettings();
        builder.AddServiceDefaults("standalone");
        builder.AddAllServices();
        var log = new LogLines();
        builder.Services.AddSingleton<ILoggerFactory>(new LoggerFactory(listener is null ? [log] : [log, listener]));
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapAllServices();
        await app.StartAsync();
        return new AnInstallation(app, simulator, folder, new Uri($"http://127.0.0.1:{port}")) { Log = log, AccountId = account };
    }

    /// <summary>Uploads all records of a sample.</summary>
    public static async Task UploadAsync(HubApi hub, string company, DemoCompany sample)
    {
        await hub.UploadAsync($"{company}/records/companies", sample.Companies);
        await hub.UploadAsync($"{company}/records/customers", sample.Customers);
        await hub.UploadAsync($"{company}/records/products", sample.Products);
        await hub.UploadAsync($"{company}/records/transactions", sample.Transactions);
    }

    /// <summary>Waits until nothing is pending, running or postponed any more.</summary>
    public Task<JsonNode> SettledAsync() => SettledAsync(Hub, Subscription);

    public static async Task<JsonNode> SettledAsync(HubApi hub, string subscription)
    {
        JsonNode summary = new JsonObject();
        await ServiceUnderTest.UntilAsync(async () => IsSettled(summary = await hub.GetAsync($"{subscription}/summary")), "everything is settled", TimeSpan.FromMinutes(5));
        return summary;
    }

    /// <summary>Waits until HubSpot has done, too, what it answered long ago with a failure.</summary>
    public Task NothingComesLateAsync() => ServiceUnderTest.UntilAsync(
        () => Task.FromResult(Simulator.LateCalls.Count == 0), "HubSpot has done what it put off", TimeSpan.FromMinutes(1));

    public static bool IsSettled(JsonNode summary) => !summary["transfers"]!.AsObject().SelectMany(t => t.Value!.AsObject())
        .Any(s => s.Key is "pending" or "running" or "postponed" && (int)s.Value! > 0);

    /// <summary>How many transfers are parked.</summary>
    public static int Parked(JsonNode summary) => summary["transfers"]!.AsObject().Sum(t => (int?)t.Value!["parked"] ?? 0);

    /// <summary>A company (tenant) with a subscription that is connected by OAuth; their paths.</summary>
    public static async Task<(string Company, string Subscription)> SubscribeAsync(
        HubApi hub, SimulatorHost simulator, object? settings = null, string account = NorthwindFiles.HubSpotAccountId, TimeSpan? within = null)
    {
        var company = $"/api/companies/{(await hub.PostAsync("/api/companies", new { name = "Tenant" }))["id"]}";
        return (company, await SubscribeAsync(hub, simulator, company, settings, account, within));
    }

    /// <summary>One more subscription of a company, connected by OAuth; its path.</summary>
    public static async Task<string> SubscribeAsync(
        HubApi hub, SimulatorHost simulator, string company, object? settings = null, string account = NorthwindFiles.HubSpotAccountId, TimeSpan? within = null)
    {
        var body = settings is null ? [] : (JsonObject)System.Text.Json.JsonSerializer.SerializeToNode(settings)!;
        body["name"] ??= "HubSpot - Test";
        body["apiUrl"] = simulator.BaseAddress.ToString();
        var subscription = $"{company}/subscriptions/{(await hub.PostAsync($"{company}/subscriptions", body))["id"]}";
        await ReconnectAsync(hub, subscription, account, within: within);
        return subscription;
    }

    /// <summary>Begins connecting and approves; waits until the subscription is connected.</summary>
    public static async Task ReconnectAsync(HubApi hub, string subscription, string account, long? otherAccount = null, TimeSpan? within = null)
    {
        await hub.ConnectAsync(subscription, account, otherAccount);
        await ServiceUnderTest.UntilAsync(async () =>
        {
            var connection = await hub.GetAsync($"{subscription}/connection");
            ((string?)connection["state"]).ShouldNotBe("failed", connection.ToJsonString());
            return (string?)connection["state"] == "connected";
        }, "the subscription is connected", within);
    }

    /// <summary>Disconnects; waits until the hub knows.</summary>
    public async Task DisconnectAsync()
    {
        (await DeleteAsync($"{Subscription}/connection")).ShouldBe(HttpStatusCode.NoContent);
        await PausedAsync();
    }

    public async Task<HttpStatusCode> DeleteAsync(string path)
    {
        using var answer = await _http.DeleteAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }

    public Task PausedAsync() => ServiceUnderTest.UntilAsync(
        async () => (string?)(await Hub.GetAsync($"{Subscription}/connection"))["state"] == "paused", "the subscription is paused");

    /// <summary>Sends a form as a browser does; status and page.</summary>
    public async Task<(int Status, string Page)> SubmitAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), form);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task<byte[]> DownloadAsync(string path) => _http.GetByteArrayAsync(new Uri(path, UriKind.Relative));

    public Task<string> PageAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative));

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

    /// <summary>Changes a record in HubSpot as somebody else would.</summary>
    public Task ChangeInHubSpotAsync(string type, string id, string json) => InHubSpotAsync(Simulator, HttpMethod.Patch, $"{type}/{id}", json);

    /// <summary>Archives a record in HubSpot as somebody else would.</summary>
    public Task DeleteInHubSpotAsync(string type, string id) => InHubSpotAsync(Simulator, HttpMethod.Delete, $"{type}/{id}", "");

    /// <summary>Deletes a contact for good, as somebody else would who was asked to.</summary>
    public async Task DeletePrivatelyInHubSpotAsync(string id)
    {
        using var http = Simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", $"pat-sim-{AccountId}");
        using var answer = await http.PostAsJsonAsync("/crm/objects/2026-09/contacts/gdpr-delete", new { objectId = id });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Takes a record out of HubSpot's recycle bin as somebody else would.</summary>
    public async Task RestoreInHubSpotAsync(string type, string id)
    {
        using var http = Simulator.CreateClient();
        using var answer = await http.PostAsync(new Uri($"/_simulator/portals/{AccountId}/records/{type}/{id}/restore", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Merges two records in HubSpot as somebody else would; returns the id of the survivor.</summary>
    public async Task<string> MergeInHubSpotAsync(string type, string primary, string other) => (string)(await InHubSpotAsync(
        Simulator, HttpMethod.Post, $"{type}/merge", $$"""{"primaryObjectId":"{{primary}}","objectIdToMerge":"{{other}}"}"""))["id"]!;

    /// <summary>Associates two records as somebody in HubSpot would.</summary>
    public Task AssociateInHubSpotAsync(string type, string id, string toType, string toId) =>
        InHubSpotAsync(Simulator, HttpMethod.Put, $"{type}/{id}/associations/default/{toType}/{toId}", "");

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

    /// <summary>A company with a subscription that is connected by OAuth.</summary>
    public async Task SubscribeAsync(object? settings, TimeSpan? within = null) =>
        (Company, Subscription) = await SubscribeAsync(Hub, Simulator, settings, AccountId, within);
}
