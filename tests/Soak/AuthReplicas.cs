using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DotNet.Testcontainers.Containers;
using HubSpotBus.Contracts.Connections;
using HubSpotBus.Contracts.Subscriptions;
using HubSpotBus.EndToEnd.Tests;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.Samples;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace HubSpotBus.Soak;

/// <summary>
/// Replicas of Auth as processes, on RabbitMQ and PostgreSQL in containers, against a simulated HubSpot; a subscription that is
/// connected by OAuth.
/// </summary>
internal sealed class AuthReplicas : IAsyncDisposable
{
    public const string ServiceKey = "a service key for tests only";
    public const long AccountId = 12345678;
    public const int AtOnce = 4;
    public const string ClientSecret = "hubspotbus-demo-secret";

    private readonly List<DockerContainer> _servers = [];
    private readonly List<AServiceProcess> _replicas = [];
    private readonly HttpClient _http = new(new ShowServiceKey(ServiceKey));
    private IBusControl? _bus;
    private volatile AServiceProcess? _away;
    private int _revision;

    private AuthReplicas(SimulatorHost simulator) => Simulator = simulator;

    public SimulatorHost Simulator { get; }

    public Guid Subscription { get; } = NewId.NextGuid();

    public static async Task<AuthReplicas> StartAsync(int count, SimulatorOptions hubSpot, int limit, int seconds)
    {
        var auth = new AuthReplicas(await SimulatorHost.StartAsync(hubSpot));
        try
        {
            await auth.StartAllAsync(count, hubSpot.OAuthCallsPerTenSeconds);
            await auth.SetAsync(limit, seconds);
            await auth.ConnectAsync();
            return auth;
        }
        catch
        {
            await auth.DisposeAsync();
            throw;
        }
    }

    /// <summary>Addresses of the replicas that run.</summary>
    public IReadOnlyList<Uri> Running() => [.. _replicas.Where(r => r != _away).Select(AddressOf)];

    /// <summary>Kills a replica; whoever calls at it is cut off.</summary>
    public async Task KillOneAsync()
    {
        _away = _replicas[1];
        await _away.KillAsync();
    }

    public async Task StartItAgainAsync()
    {
        await _away!.StartAsync();
        _away = null;
    }

    /// <summary>Saves the subscription's throttle as the hub does; waits until every replica knows it.</summary>
    public async Task SetAsync(int limit, int seconds)
    {
        await SaveAsync(Subscription, limit, seconds);
        foreach (var replica in Running())
        {
            await ServiceUnderTest.UntilAsync(
                async () => (await ReadAsync(replica, "/meter"))?["throttle"] is { } throttle && (int)throttle["limit"]! == limit,
                $"{replica} knows the limit of {limit} calls");
        }
    }

    /// <summary>Saves settings of other subscriptions, as fast as the broker takes them, until it is ended; how many.</summary>
    public async Task<long> KeepBusBusyAsync(CancellationToken end)
    {
        var others = Enumerable.Range(0, 100).Select(_ => NewId.NextGuid()).ToList();
        for (var saved = 0L; ; saved++)
        {
            if (end.IsCancellationRequested)
                return saved;
            await SaveAsync(others[(int)(saved % others.Count)], 100, 60);
        }
    }

    private Task SaveAsync(Guid subscription, int limit, int seconds) => _bus!.Publish(new SubscriptionSaved
    {
        SubscriptionId = subscription,
        CompanyId = subscription,
        Revision = Interlocked.Increment(ref _revision),
        Name = "Soak",
        HubKey = "soak",
        HubSpotApiVersion = "2026-09",
        ApiUrl = Simulator.BaseAddress,
        ThrottleLimit = limit,
        ThrottleSeconds = seconds,
        ConcurrentConnections = AtOnce,
        ConcurrentBatchExecutions = 1,
        Transfers = new TransferSettings
        {
            Links = new LinkRules { HubKey = "soak" },
            MappingSet = "default",
            TransactionsBecome = TransactionTarget.Order,
            ProductsAsPrerequisite = false,
        },
    });

    /// <summary>Makes records as somebody else would; their ids.</summary>
    public async Task<IReadOnlyList<string>> MakeAsync(string type, string property, int count)
    {
        using var http = Simulator.CreateClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", new SimulatorOptions().StaticToken);
        using var answer = await http.PostAsJsonAsync($"/crm/objects/2026-09/{type}/batch/create", new
        {
            inputs = Enumerable.Range(1, count).Select(_ => new { properties = new Dictionary<string, string> { [property] = "none yet" } }),
        });
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{type} were not made: {await answer.Content.ReadAsStringAsync()}");
        var made = await answer.Content.ReadFromJsonAsync<JsonNode>();
        return [.. made!["results"]!.AsArray().Select(r => (string)r!["id"]!)];
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_replicas.Select(r => r.KillAsync()));
        if (_bus is not null)
            await _bus.StopAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
        await Simulator.DisposeAsync();
        _http.Dispose();
    }

    private static Uri AddressOf(AServiceProcess replica) => new($"http://127.0.0.1:{replica.Port}");

    private async Task StartAllAsync(int count, int accountCalls)
    {
        var broker = new RabbitMqBuilder(Environment.GetEnvironmentVariable("RABBITMQ_IMAGE") ?? "rabbitmq:4.0-management")
            .WithLabel("hubspotbus.test-process", $"{Environment.ProcessId}").WithLogger(NullLogger.Instance).Build();
        var database = new PostgreSqlBuilder(Environment.GetEnvironmentVariable("POSTGRES_IMAGE") ?? "postgres:17")
            .WithLabel("hubspotbus.test-process", $"{Environment.ProcessId}").WithLogger(NullLogger.Instance).Build();
        _servers.AddRange([broker, database]);
        await Task.WhenAll(_servers.Select(s => s.StartAsync()));

        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "soak", $"{Environment.ProcessId}")).FullName;
        Console.WriteLine($"Logs: {folder}");
        var settings = new Dictionary<string, string>
        {
            ["RabbitMq__Url"] = broker.GetConnectionString(),
            ["Data__PostgreSql"] = new NpgsqlConnectionStringBuilder(database.GetConnectionString())
            {
                Database = "soak_auth", GssEncryptionMode = GssEncryptionMode.Disable,
            }.ConnectionString,
            ["Data__Folder"] = folder,
            ["Egress__ServiceKey"] = ServiceKey,
            ["Egress__PatienceSeconds"] = "240",
            ["Egress__OAuthCallsPerTenSeconds"] = $"{accountCalls}",
            ["HubSpotApp__ClientId"] = "hubspotbus-demo",
            ["HubSpotApp__ClientSecret"] = ClientSecret,
            ["HubSpotApp__AuthorizeUrl"] = new Uri(Simulator.BaseAddress, "/oauth/authorize").ToString(),
            ["HubSpotApp__AdditionalApiHosts__0"] = Simulator.BaseAddress.Authority,
        };
        for (var number = 1; number <= count; number++)
            _replicas.Add(new AServiceProcess("Auth", settings, Path.Combine(folder, $"Auth-{number}.log")));
        await Task.WhenAll(_replicas.Select(r => r.StartAsync()));
        _bus = Bus.Factory.CreateUsingRabbitMq(transport =>
        {
            transport.Host(new Uri(broker.GetConnectionString()));
            // What comes after the account is known is for services that do not run here; without a taker it would be sent again and again.
            transport.ReceiveEndpoint("prepare-properties", endpoint => endpoint.Handler<PrepareProperties>(_ => Task.CompletedTask));
        });
        await _bus.StartAsync();
    }

    private async Task ConnectAsync()
    {
        // The hub, where somebody signs in and presses Connect, does not run here.
        var session = BrowserSecret.New();
        var ticket = new ConnectTicket(Subscription, BrowserSecret.Hash(session)).Sign(ServiceKey, TimeProvider.System.GetUtcNow());
        var replica = Running()[0];
        using var browser = new HttpClient(new HttpClientHandler { UseCookies = false });
        browser.DefaultRequestHeaders.Add("Cookie", $"{BrowserSecret.SessionCookie(secure: false)}={session}");
        using var hubSpot = await browser.GetAsync(new Uri(replica, $"/oauth/begin?ticket={Uri.EscapeDataString(ticket)}"));
        await Consent.ApproveAsync(browser, hubSpot, $"{AccountId}");
        await ServiceUnderTest.UntilAsync(
            async () => (string?)(await ReadAsync(replica, ""))?["connecting"] is not (null or "IdentifyingAccount"), "the account is known");
    }

    private async Task<JsonNode?> ReadAsync(Uri replica, string what)
    {
        using var answer = await _http.GetAsync(new Uri(replica, $"/internal/connections/{Subscription}{what}"));
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonNode>() : null;
    }
}
