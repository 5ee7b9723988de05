using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json;
using System.Text.Json.Serialization;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using HubSpotBus.EndToEnd.Tests;
using Npgsql;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(RealServers))]

// They kill what the others would need, and each has the machine's cores for itself.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace HubSpotBus.EndToEnd.Tests;

/// <summary>
/// A RabbitMQ and a PostgreSQL in containers, for all tests of this assembly. Each keeps its port when it is killed and started again.
/// Where no container can run, the tests that need them are skipped.
/// </summary>
public sealed class RealServers : IAsyncLifetime
{
    private const string User = "hubspotbus";
    internal const string Password = "a password for tests only";
    private const int ManagementPort = 15672;

    private readonly int _brokerPort = FreePort.Next();
    private readonly int _databasePort = FreePort.Next();
    private HttpClient? _management;
    private RabbitMqContainer? _broker;
    private PostgreSqlContainer? _database;
    private string? _missing;

    public int BrokerPort => _brokerPort;

    public async ValueTask InitializeAsync()
    {
        _missing = Environment.GetEnvironmentVariable("NO_CONTAINERS");
        if (!string.IsNullOrEmpty(_missing))
            return;
        try
        {
            (_broker, _database) = (BuildBroker(), BuildDatabase());
        }
        catch (DockerUnavailableException none)
        {
            _missing = $"No Docker Engine answers: {none.Message}";
            return;
        }

        await Task.WhenAll(_broker.StartAsync(), _database.StartAsync());
        _management = new HttpClient { BaseAddress = new Uri($"http://{_broker.Hostname}:{_broker.GetMappedPublicPort(ManagementPort)}/api/") };
        _management.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
    }

    /// <summary>Skips the test where there are no containers.</summary>
    public void AreNeeded() => Assert.SkipWhen(!string.IsNullOrEmpty(_missing), $"RabbitMQ and PostgreSQL are needed. {_missing}");

    /// <summary>Address of a virtual host, at another port when the way there is one that can be cut.</summary>
    public Uri Broker(string virtualHost, int? port = null) =>
        new($"amqp://{User}:{Uri.EscapeDataString(Password)}@{_broker!.Hostname}:{port ?? _brokerPort}/{virtualHost}");

    public string Database(string name) => new NpgsqlConnectionStringBuilder
    {
        Host = _database!.Hostname, Port = _databasePort, Username = User, Password = Password, Database = name, GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>As <c>kill -9</c> does it.</summary>
    public Task KillBrokerAsync() => _broker!.StopAsync();

    /// <summary>A confirmed message is on the disk; a declared queue follows seconds later, unless it is asked for.</summary>
    public async Task WriteQueuesToDiskAsync()
    {
        var written = await _broker!.ExecAsync(["rabbitmqctl", "--quiet", "eval", "mnesia:sync_log()."]);
        if (written.ExitCode != 0)
            throw new InvalidOperationException(written.Stderr);
    }

    public Task StartBrokerAsync() => _broker!.StartAsync();

    public Task KillDatabaseAsync() => _database!.StopAsync();

    public Task StartDatabaseAsync() => _database!.StartAsync();

    /// <summary>Keeps these databases as they are, one after the other, until they are restored.</summary>
    public Task BackUpAsync(IEnumerable<string> databases) => InDatabaseAsync(
        string.Join(" && ", databases.Select(d => $"pg_dump --clean --create --if-exists {d}")), into: "/tmp/backup.sql");

    /// <summary>Brings back what was kept, and runs a script of psql afterwards.</summary>
    public async Task RestoreAsync(string script)
    {
        await _database!.CopyAsync(Encoding.UTF8.GetBytes(script), "/tmp/restored.sql");
        await InDatabaseAsync("psql --quiet --dbname postgres --set ON_ERROR_STOP=on --file /tmp/backup.sql --file /tmp/restored.sql", into: "/dev/null");
    }

    private async Task InDatabaseAsync(string command, string into)
    {
        var done = await _database!.ExecAsync(["sh", "-c", $"export PGHOST=localhost PGUSER={User} PGPASSWORD='{Password}'; {{ {command}; }} >{into}"]);
        if (done.ExitCode != 0)
            throw new InvalidOperationException(done.Stderr);
    }

    public async Task MakeVirtualHostAsync(string name)
    {
        using var answer = await _management!.PutAsync($"vhosts/{name}", null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>By a policy on all queues of a virtual host; the broker takes the lesser of it and the queue's own.</summary>
    public async Task ShortenConsumerTimeoutAsync(string virtualHost, TimeSpan timeout)
    {
        var policy = new Dictionary<string, object>
        {
            ["pattern"] = ".*",
            ["apply-to"] = "queues",
            ["definition"] = new Dictionary<string, object> { ["consumer-timeout"] = (long)timeout.TotalMilliseconds },
        };
        using var answer = await _management!.PutAsJsonAsync($"policies/{virtualHost}/consumer-timeout", policy);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>With all that is in it.</summary>
    public async Task DeleteVirtualHostAsync(string name)
    {
        using var answer = await _management!.DeleteAsync($"vhosts/{name}");
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>From now on the broker gives a copy of each message of a virtual host to the exchange amq.rabbitmq.trace.</summary>
    public async Task TraceAsync(string virtualHost)
    {
        var tracing = await _broker!.ExecAsync(["rabbitmqctl", "--quiet", "trace_on", "--vhost", virtualHost]);
        if (tracing.ExitCode != 0)
            throw new InvalidOperationException(tracing.Stderr);
    }

    /// <summary>Messages in the queues of a virtual host, those that are with a consumer included; at this moment, as its statistics are not.</summary>
    public async Task<int> MessagesAsync(string virtualHost)
    {
        var counts = await _broker!.ExecAsync(["rabbitmqctl", "--quiet", "--no-table-headers", "list_queues", "--vhost", virtualHost, "messages"]);
        return counts.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Sum(int.Parse);
    }

    /// <summary>The queues of a virtual host, by name.</summary>
    internal async Task<IReadOnlyDictionary<string, Queue>> QueuesAsync(string virtualHost) =>
        (await _management!.GetFromJsonAsync<List<Queue>>($"queues/{virtualHost}?columns=name,durable,arguments"))!.ToDictionary(q => q.Name);

    /// <summary>What the broker has said since it was made.</summary>
    public async Task<string> BrokerLogAsync()
    {
        var (said, complained) = await _broker!.GetLogsAsync(timestampsEnabled: false);
        return said + complained;
    }

    /// <summary>The process that consumes a queue where only one does at a time; null while the broker's statistics do not say yet.</summary>
    public async Task<int?> ActiveConsumerOfAsync(string virtualHost, string queue)
    {
        var consumers = await _management!.GetFromJsonAsync<List<Consumer>>($"consumers/{virtualHost}");
        var active = consumers!.SingleOrDefault(c => c.Active && c.Queue.Name == queue);
        var connections = await _management!.GetFromJsonAsync<List<Connection>>($"vhosts/{virtualHost}/connections");
        return connections!.SingleOrDefault(c => c.Name == active?.Connection) is { } connection
            ? int.Parse($"{connection.ClientProperties["process_id"]}", CultureInfo.InvariantCulture)
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        _management?.Dispose();
        foreach (var container in new DockerContainer?[] { _broker, _database }.OfType<DockerContainer>())
            await container.DisposeAsync();
    }

    private RabbitMqContainer BuildBroker() => new RabbitMqBuilder(Image("RABBITMQ_IMAGE", "rabbitmq:4.0-management"))
        .WithUsername(User).WithPassword(Password)
        .WithPortBinding(_brokerPort, RabbitMqBuilder.RabbitMqPort)
        .WithPortBinding(FreePort.Next(), ManagementPort)
        // Its StopAsync is a kill then, and StartAsync waits for the new start-up, as it would not after a kill from outside.
        .WithCreateParameterModifier(container => container.StopSignal = "SIGKILL")
        .WithLabel("hubspotbus.test-process", $"{Environment.ProcessId}")
        .Build();

    private PostgreSqlContainer BuildDatabase() => new PostgreSqlBuilder(Image("POSTGRES_IMAGE", "postgres:17"))
        .WithUsername(User).WithPassword(Password)
        .WithPortBinding(_databasePort, PostgreSqlBuilder.PostgreSqlPort)
        .WithCreateParameterModifier(container => container.StopSignal = "SIGKILL")
        // Testcontainers switches durability off; here it is what the tests are about.
        .WithCommand("-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on", "-c", "max_connections=500")
        .WithLabel("hubspotbus.test-process", $"{Environment.ProcessId}")
        .Build();

    // Named by build/images.sh where the official ones cannot be pulled.
    private static string Image(string variable, string official) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } image ? image : official;

    /// <summary>A queue as the broker has it.</summary>
    internal sealed record Queue(string Name, bool Durable, JsonObject Arguments);

    private sealed record Consumer(bool Active, Named Queue, [property: JsonPropertyName("channel_details")] JsonElement ChannelDetails)
    {
        // An empty array, as long as the broker does not know.
        public string? Connection => ChannelDetails.ValueKind == JsonValueKind.Object ? ChannelDetails.GetProperty("connection_name").GetString() : null;
    }

    private sealed record Named(string Name);

    private sealed record Connection(string Name, [property: JsonPropertyName("client_properties")] JsonObject ClientProperties);
}
