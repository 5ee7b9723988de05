using System.Text.Json.Nodes;
using HubSpotBus.Auth.Tokens;
using HubSpotBus.HubSpotSimulator;
using HubSpotBus.HubSpotSimulator.Admin;
using HubSpotBus.Samples;
using HubSpotBus.Standalone.Tests;
using HubSpotBus.Testing;
using MassTransit;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>
/// Every service as processes of its own, on RabbitMQ and PostgreSQL, against a simulated HubSpot in the test's process; used through
/// the public API. Its virtual host and its databases are its own.
/// </summary>
internal sealed class AnInstallationOfProcesses : IAsyncDisposable
{
    public const string Auth = "Auth", Mapping = "Mapping", Customer = "Customer", ProductPrerequisite = "ProductPrerequisite",
        Transaction = "Transaction", Hub = "Hub";

    public const string ServiceKey = "a service key for tests only";

    public static readonly IReadOnlyList<string> Services = [Auth, Mapping, Customer, ProductPrerequisite, Transaction, Hub];

    // Much goes on at once on few cores.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // As many as tests that share one installation.
    private const int Accounts = 20;

    private readonly string _name = $"test{NewId.NextGuid():N}";
    private readonly RealServers _servers;
    private readonly string _programs;
    private readonly List<AServiceProcess> _processes = [];
    private readonly Dictionary<string, string> _settings;
    private readonly ALine _toAuth;
    private readonly ALine _toHub;
    private readonly HttpClient _http;
    private int _accounts;

    private AnInstallationOfProcesses(RealServers servers, SimulatorHost simulator, string programs)
    {
        _servers = servers;
        _programs = programs;
        Simulator = simulator;
        ToBroker = new ALine(() => [servers.BrokerPort]);
        _toAuth = new ALine(() => PortsOf(Auth));
        _toHub = new ALine(() => PortsOf(Hub));
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_toHub.Port}") };
        Api = new HubApi(_http);
        Api.SignInWith(AnInstallation.AdminKey);
        Folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "installations", _name)).FullName;
        var auth = $"http://127.0.0.1:{_toAuth.Port}";
        _settings = new Dictionary<string, string>
        {
            ["RabbitMq__Url"] = servers.Broker(_name, ToBroker.Port).ToString(),
            ["Data__Folder"] = Folder,
            ["Egress__BaseAddress"] = auth,
            ["Egress__ServiceKey"] = ServiceKey,
            ["Hub__AdminKey"] = AnInstallation.AdminKey,
            ["Hub__PublicUrl"] = auth,
            ["Hub__RetryUnit"] = "00:00:01",
            ["TransactionSaga__FirstDelay"] = "00:00:00.050",
            ["Links__SettleTime"] = "00:00:00.500",
            ["HubSpotApp__ClientId"] = "hubspotbus-demo",
            ["HubSpotApp__ClientSecret"] = "hubspotbus-demo-secret",
            ["HubSpotApp__AuthorizeUrl"] = new Uri(simulator.BaseAddress, "/oauth/authorize").ToString(),
            ["HubSpotApp__AdditionalApiHosts__0"] = simulator.BaseAddress.Authority,
        };
    }

    public SimulatorHost Simulator { get; }

    /// <summary>The hub's public API, on any replica that runs.</summary>
    public HubApi Api { get; }

    /// <summary>The network between the services and the broker.</summary>
    public ALine ToBroker { get; }

    /// <summary>Logs of the processes and keys of Auth; it stays for whoever looks into a failure, until the tests run again.</summary>
    public string Folder { get; }

    /// <summary>Path of the company (tenant).</summary>
    public string Company { get; private set; } = "";

    /// <summary>Path of the subscription.</summary>
    public string Subscription { get; private set; } = "";

    /// <summary>Any replica of Auth that runs, as browsers and HubSpot reach it.</summary>
    public Uri AuthAddress => new($"http://127.0.0.1:{_toAuth.Port}");

    /// <summary>Calls to the account of the company: another's, of a test before, may still end.</summary>
    public CallCounts Calls(TimeSpan window) => Simulator.Calls.Read(window, long.Parse(AccountId(_accounts), null));

    public HubSpotAccount Account => new(Simulator.CreateClient(), AccountId(_accounts));

    /// <summary>Starts everything.</summary>
    /// <param name="servers">Without them the test is skipped.</param>
    /// <param name="replicas">Of every service; <see cref="AddReplicaAsync"/> adds to a single one.</param>
    /// <param name="programs">Folder of the services' programs; of this version when null.</param>
    /// <param name="settings">Of all services, besides those that every test has.</param>
    public static async Task<AnInstallationOfProcesses> StartAsync(
        RealServers servers, int replicas = 1, string? programs = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        servers.AreNeeded();
        var accounts = Enumerable.Range(1, Accounts).Select(n => new PortalOptions { Id = long.Parse(AccountId(n), null), Name = $"Account {n}" });
        var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { SearchIndexDelay = TimeSpan.Zero, Portals = [.. accounts] });
        var installation = new AnInstallationOfProcesses(servers, simulator, programs ?? ServicePrograms.Folder);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            installation._settings[name] = value;
        try
        {
            await servers.MakeVirtualHostAsync(installation._name);
            // The hub last: what it sends and publishes finds the queues of all others.
            await Task.WhenAll(Services.Where(s => s != Hub).SelectMany(s => Enumerable.Repeat(s, replicas)).Select(installation.AddReplicaAsync));
            await Task.WhenAll(Enumerable.Repeat(Hub, replicas).Select(installation.AddReplicaAsync));
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Connects a new company's subscription to an empty account by OAuth, with nothing of what a test before did: its subscription is
    /// deleted, its failures and counts are forgotten, and what it killed or stalled runs again.
    /// </summary>
    /// <param name="subscription">Settings as the API takes them.</param>
    /// <param name="before">What HubSpot, and the account of the number, is to be like from the connecting on.</param>
    public async Task ConnectAsync(object? subscription = null, Action<SimulatorHost, long>? before = null)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"Logs: {Folder}");
        ToBroker.Mend();
        await Task.WhenAll(_processes.Select(p => p.RunAsAtFirstAsync()));
        Simulator.Faults.Clear();
        if (Subscription.Length > 0)
            await _http.DeleteAsync(new Uri(Subscription, UriKind.Relative));
        Simulator.Calls.Reset();
        before?.Invoke(Simulator, long.Parse(AccountId(_accounts + 1), null));
        (Company, Subscription) = await AnInstallation.SubscribeAsync(Api, Simulator, subscription, AccountId(++_accounts), Patience);
    }

    public IReadOnlyList<AServiceProcess> Replicas(string service) => [.. _processes.Where(p => p.Service == service)];

    /// <summary>Changes settings of the subscription; those that are not named are as at first.</summary>
    public Task ChangeAsync(JsonObject settings)
    {
        settings["name"] = "HubSpot - Test";
        settings["apiUrl"] = Simulator.BaseAddress.ToString();
        return Api.PutAsync(Subscription, settings);
    }

    /// <summary>Approves the connection once more, as an operator does.</summary>
    public Task ReconnectAsync() => AnInstallation.ReconnectAsync(Api, Subscription, AccountId(_accounts), within: Patience);

    /// <summary>State of the connection, and why.</summary>
    public async Task<(string? State, string? Reason)> ConnectionAsync()
    {
        var connection = await Api.GetAsync($"{Subscription}/connection");
        return ((string?)connection["state"], (string?)connection["reason"]);
    }

    /// <summary>Starts one more replica of a service.</summary>
    public async Task<AServiceProcess> AddReplicaAsync(string service)
    {
        var settings = new Dictionary<string, string>(_settings) { ["Data__PostgreSql"] = _servers.Database(DatabaseOf(service)) };
        var log = Path.Combine(Folder, $"{service}-{Replicas(service).Count + 1}.log");
        var process = new AServiceProcess(service, settings, log) { Programs = _programs };
        _processes.Add(process);
        await process.StartAsync();
        return process;
    }

    /// <summary>Waits until nothing is pending, running or postponed any more.</summary>
    public async Task<JsonNode> SettledAsync(TimeSpan? within = null)
    {
        JsonNode summary = new JsonObject();
        try
        {
            await ServiceUnderTest.UntilAsync(
                async () => await SummaryAsync() is { } seen && AnInstallation.IsSettled(summary = seen), "everything is settled", within ?? Patience);
            return summary;
        }
        catch (Exception)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"Last seen: {summary.ToJsonString()}");
            throw;
        }
    }

    /// <summary>Nothing is pending, running or postponed at the moment; false while nobody can say.</summary>
    public async Task<bool> IsSettledAsync() => await SummaryAsync() is { } summary && AnInstallation.IsSettled(summary);

    /// <summary>The hub's replica that consumes the queue of batch executions; the others wait for it to die.</summary>
    public async Task<AServiceProcess> ReplicaThatRunsBatchesAsync()
    {
        AServiceProcess? runs = null;
        await ServiceUnderTest.UntilAsync(async () =>
        {
            var process = await _servers.ActiveConsumerOfAsync(_name, $"batch-executions-{SubscriptionId:N}");
            return (runs = Replicas(Hub).SingleOrDefault(r => r.ProcessId == process)) is not null;
        }, "a replica consumes the queue of batch executions");
        return runs!;
    }

    /// <summary>The largest number of batch executions of the subscription that held a slot at one moment, by the rows of the hub.</summary>
    /// <param name="plannedSince">Of those only that were planned since then; all when null.</param>
    public async Task<int> MostBatchesAtOnceAsync(DateTimeOffset? plannedSince = null)
    {
        await using var source = NpgsqlDataSource.Create(_servers.Database(DatabaseOf(Hub)));
        await using var command = source.CreateCommand(
            """
            WITH mine AS (SELECT * FROM hub_batch_execution WHERE "SubscriptionId" = $1 AND "PlannedAt" >= $2)
            SELECT max((SELECT count(*) FROM mine o WHERE o."SlotTakenAt" <= b."SlotTakenAt" AND o."SlotFreedAt" > b."SlotTakenAt")) FROM mine b
            """);
        command.Parameters.AddWithValue(SubscriptionId);
        command.Parameters.AddWithValue((plannedSince ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds());
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The tokens of the subscription's slots that are held: whoever takes one over gives it another.</summary>
    public async Task<IReadOnlyList<Guid>> SlotTokensAsync()
    {
        await using var source = NpgsqlDataSource.Create(_servers.Database(DatabaseOf(Hub)));
        await using var command = source.CreateCommand("""SELECT "Token" FROM hub_slot WHERE "SubscriptionId" = $1""");
        command.Parameters.AddWithValue(SubscriptionId);
        await using var rows = await command.ExecuteReaderAsync();
        var tokens = new List<Guid>();
        while (await rows.ReadAsync())
            tokens.Add(rows.GetGuid(0));
        return tokens;
    }

    /// <summary>How many batch executions of a subscription run or wait for a slot.</summary>
    public async Task<long> BatchesUnderWayAsync(Guid subscriptionId)
    {
        await using var source = NpgsqlDataSource.Create(_servers.Database(DatabaseOf(Hub)));
        await using var command = source.CreateCommand(
            """SELECT count(*) FROM hub_batch_execution WHERE "SubscriptionId" = $1 AND "State"::text NOT IN ('2', 'Done')""");
        command.Parameters.AddWithValue(subscriptionId);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Messages in the broker's queues at this moment, those that are with a consumer included.</summary>
    public Task<int> MessagesAsync() => _servers.MessagesAsync(_name);

    /// <summary>Backs up the rows while everything runs, as build/backup.sh does: the hub's first.</summary>
    public Task BackUpAsync() => _servers.BackUpAsync(new[] { Hub, Transaction }.Concat(Services).Distinct().Select(DatabaseOf));

    /// <summary>Brings the rows back as build/backup.sh does, an hour later: nothing runs meanwhile, and what waited in queues belongs to another time.</summary>
    public async Task RestoreAsync()
    {
        await Task.WhenAll(_processes.Select(p => p.KillAsync()));
        var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "restored.sql"));
        await _servers.RestoreAsync(script.Replace("hubspotbus_", $"{_name}_", StringComparison.Ordinal) + AnHourPassed);
        await _servers.DeleteVirtualHostAsync(_name);
        await _servers.MakeVirtualHostAsync(_name);
        await Task.WhenAll(_processes.Select(p => p.StartAsync()));
    }

    /// <summary>Every access token is as if its time were over.</summary>
    public async Task ExpireTokensAsync()
    {
        await using var source = NpgsqlDataSource.Create(_servers.Database(DatabaseOf(Auth)));
        await using var command = source.CreateCommand("""UPDATE auth_connection SET "ExpiresAt" = 0""");
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    /// <summary>Hears every fact of a kind that is published, as an application beside the services would.</summary>
    public async Task<IAsyncDisposable> ListenAsync<TFact>(Action<TFact> hear)
        where TFact : class
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(transport =>
        {
            transport.Host(_servers.Broker(_name));
            transport.ReceiveEndpoint($"listener-{NewId.NextGuid():N}", endpoint => endpoint.Handler<TFact>(context =>
            {
                hear(context.Message);
                return Task.CompletedTask;
            }));
        });
        await bus.StartAsync();
        return new Listening(bus);
    }

    /// <summary>Hears every message that is published to the broker or delivered by it, whoever it is for.</summary>
    public Task<Firehose> HearAllMessagesAsync() => Firehose.StartAsync(_servers, _name);

    /// <summary>The tokens of the subscription, as Auth opens them with its keys.</summary>
    public async Task<(string Access, string Refresh)> TokensAsync()
    {
        var keys = DataProtectionProvider.Create(new DirectoryInfo(Path.Combine(Folder, "keys")), protection => protection.SetApplicationName("HubSpotBus"));
        await using var source = NpgsqlDataSource.Create(_servers.Database(DatabaseOf(Auth)));
        await using var command = source.CreateCommand("""SELECT "AccessToken", "RefreshToken" FROM auth_connection WHERE "SubscriptionId" = $1""");
        command.Parameters.AddWithValue(SubscriptionId);
        await using var row = await command.ExecuteReaderAsync();
        (await row.ReadAsync()).ShouldBeTrue();
        var vault = new TokenVault(keys);
        return (vault.TryOpen(row.GetString(0))!.Reveal(), vault.TryOpen(row.GetString(1))!.Reveal());
    }

    /// <summary>What the services know and nobody else is to see is in none of their logs.</summary>
    public async Task NoSecretsInLogsAsync()
    {
        foreach (var process in _processes)
        {
            var log = await File.ReadAllTextAsync(process.LogFile);
            foreach (var secret in new[] { ServiceKey, AnInstallation.AdminKey, RealServers.Password, _settings["HubSpotApp__ClientSecret"], "na1-" })
                log.Contains(secret, StringComparison.Ordinal).ShouldBeFalse($"{process.LogFile} has {secret}");
        }
    }

    /// <summary>From now on the broker takes a message back after less time than the queues say.</summary>
    public Task ShortenConsumerTimeoutAsync(TimeSpan timeout) => _servers.ShortenConsumerTimeoutAsync(_name, timeout);

    /// <summary>Queues of this installation, by name.</summary>
    public Task<IReadOnlyDictionary<string, RealServers.Queue>> QueuesAsync() => _servers.QueuesAsync(_name);

    /// <summary>No message was given up: the error queues, where there are any, are empty.</summary>
    public async Task NoErrorsAsync()
    {
        var kept = (await QueuesAsync()).Keys.Where(q => q.EndsWith("_error", StringComparison.Ordinal) || q.EndsWith("_skipped", StringComparison.Ordinal));
        await using var connection = await new ConnectionFactory { Uri = _servers.Broker(_name) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in kept)
            (await channel.MessageCountAsync(queue)).ShouldBe(0u, queue);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.Select(p => p.KillAsync()));
        await _servers.DeleteVirtualHostAsync(_name);
        _http.Dispose();
        foreach (var line in new[] { _toHub, _toAuth, ToBroker })
            await line.DisposeAsync();
        await Simulator.DisposeAsync();
    }

    private async Task<JsonNode?> SummaryAsync()
    {
        foreach (var process in _processes)
            process.ThrowWhenEnded();
        try
        {
            return await Api.GetAsync($"{Subscription}/summary");
        }
        catch (HttpRequestException)
        {
            // A hub was killed while it answered.
            return null;
        }
    }

    // What the backup says was begun is over by now, and its access tokens have ended.
    private string AnHourPassed => string.Concat(new (string Service, string Table, string Column)[]
    {
        (Customer, "customer_link", "BegunAt"), (ProductPrerequisite, "product_link", "BegunAt"), (Transaction, "transaction_link", "BegunAt"),
        (Auth, "auth_connection", "ExpiresAt"),
    }.Select(row => $"\n\\connect {DatabaseOf(row.Service)}\nUPDATE {row.Table} SET \"{row.Column}\" = \"{row.Column}\" - 3600000;\n"));

    private string DatabaseOf(string service) => $"{_name}_{service.ToLowerInvariant()}";

    public Guid SubscriptionId => Guid.Parse(Subscription.Split('/')[^1]);

    private static string AccountId(int number) => $"{12345677 + number}";

    private IReadOnlyList<int> PortsOf(string service) => [.. _processes.Where(p => p.Service == service && p.Runs).Select(p => p.Port)];

    private sealed class Listening(IBusControl bus) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await bus.StopAsync();
    }
}
