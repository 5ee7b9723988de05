using System.Collections.Concurrent;
using System.Threading.Channels;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.ServiceDefaults.Outbox;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace HubSpotBus.Testing;

/// <summary>
/// Services under test in one process: a store in a temporary folder, the in-memory bus with its real inbox and outbox, a free
/// loopback port, and spies on the messages that leave.
/// </summary>
public sealed class ServiceUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly WebApplication _app;
    private readonly bool _ownsFolder;

    private ServiceUnderTest(WebApplication app, string folder, bool ownsFolder)
    {
        _app = app;
        Folder = folder;
        _ownsFolder = ownsFolder;
    }

    /// <summary>The data folder; given to the next service under test, it stands for a restart.</summary>
    public string Folder { get; }

    public IServiceProvider Services => _app.Services;

    public Uri BaseAddress => new(_app.Urls.First());

    /// <summary>Lines that the services logged.</summary>
    public LogLines Log => _app.Services.GetRequiredService<LogLines>();

    /// <summary>Starts the services. Each spy (see <see cref="Spies"/>) stands where another service would take the message.</summary>
    public static async Task<ServiceUnderTest> StartAsync(
        Action<WebApplicationBuilder> services,
        Action<IBusRegistrationConfigurator> consumers,
        Action<WebApplication>? map = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        TimeProvider? time = null,
        string? folder = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Testing" });
        var data = folder ?? Directory.CreateTempSubdirectory("hubspotbus-test-").FullName;
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Data:Folder"] = data });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var lines = new LogLines();
        builder.Logging.AddProvider(lines);
        builder.Services.AddSingleton(lines);
        builder.Services.TryAddSingleton(time ?? TimeProvider.System);
        builder.Services.AddHealthChecks();
        services(builder);
        builder.AddServiceBus(consumers);
        var app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return new ServiceUnderTest(app, data, folder is null);
    }

    public HttpClient CreateClient() => new() { BaseAddress = BaseAddress };

    public async Task<TResult> ReadAsync<TDb, TResult>(Func<TDb, Task<TResult>> read)
        where TDb : ServiceDb
    {
        await using var scope = Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<TDb>());
    }

    /// <summary>Sends an order as another service would: through the outbox.</summary>
    public async Task SendAsync<T>(T order, Guid? messageId = null)
        where T : class => await CommitAsync(outbox => outbox.SendAsync(order, messageId));

    /// <summary>Publishes a fact as another service would: through the outbox.</summary>
    public async Task PublishAsync<T>(T fact, Guid? messageId = null)
        where T : class => await CommitAsync(outbox => outbox.PublishAsync(fact, messageId));

    /// <summary>The next message that the spy on T takes; fails after half a minute.</summary>
    public async Task<T> NextAsync<T>()
        where T : class
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await Services.GetRequiredService<Spied<T>>().Messages.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            await NoDeadLettersAsync();
            throw new TimeoutException($"No {typeof(T).Name} came within {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>How many messages the spy on T holds that nobody has taken yet.</summary>
    public int Waiting<T>()
        where T : class => Services.GetRequiredService<Spied<T>>().Messages.Reader.Count;

    /// <summary>Waits, bounded, until the condition holds; looked at again and again, the less often the longer it may take.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var limit = within ?? Patience;
        using var patience = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(limit / 6000);
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds} s: {what}");
            }
        }
    }

    /// <summary>Waits until every message that was sent has been consumed.</summary>
    public Task QuietAsync() => UntilAsync(
        () => ReadAsync<BusDb, bool>(async db => !await db.OutboxMessages.AnyAsync()),
        "the outbox is empty");

    public async Task NoDeadLettersAsync()
    {
        var errors = await ReadAsync<BusDb, List<string>>(db => db.DeadLetters.Select(d => d.MessageType + ": " + d.Error).ToListAsync());
        errors.ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        var database = await ReadAsync<BusDb, string>(db => Task.FromResult(db.Database.GetConnectionString()!));
        await _app.DisposeAsync();
        if (IsFile(database))
        {
            using var connection = new SqliteConnection(database);
            SqliteConnection.ClearPool(connection);
        }

        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private static bool IsFile(string database) => !database.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    private async Task CommitAsync(Func<Outbox<BusDb>, Task> add)
    {
        await using var scope = Services.CreateAsyncScope();
        await add(scope.ServiceProvider.GetRequiredService<Outbox<BusDb>>());
        await scope.ServiceProvider.GetRequiredService<BusDb>().SaveChangesAsync();
    }
}

/// <summary>What a spy took.</summary>
public sealed class Spied<T>
    where T : class
{
    public Channel<T> Messages { get; } = Channel.CreateUnbounded<T>();
}

/// <summary>Takes every T that is published, and every T that is sent when no service in the process takes it.</summary>
public sealed class Spy<T>(Spied<T> spied) : IConsumer<T>
    where T : class
{
    public Task Consume(ConsumeContext<T> context)
    {
        spied.Messages.Writer.TryWrite(context.Message);
        return Task.CompletedTask;
    }
}

public static class Spies
{
    /// <summary>Spies on a fact.</summary>
    public static void SpyOnFact<T>(this IBusRegistrationConfigurator bus)
        where T : class => bus.AddSpy<T>($"spy-on-{typeof(T).Name}");

    /// <summary>Takes an order in place of the service that would.</summary>
    public static void SpyOnOrder<T>(this IBusRegistrationConfigurator bus)
        where T : class => bus.AddSpy<T>(Address.EndpointOf<T>());

    private static void AddSpy<T>(this IBusRegistrationConfigurator bus, string endpoint)
        where T : class
    {
        bus.TryAddSingleton<Spied<T>>();
        bus.AddDurableConsumer<Spy<T>, BusDb>(endpointName: endpoint);
    }
}

/// <summary>Collects log lines, with the values of their scopes and fields in the text.</summary>
public sealed class LogLines : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _lines = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public IReadOnlyCollection<string> All => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => lines._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines._lines.Enqueue($"{logLevel} {category} {formatter(state, exception)} {exception}");
    }
}
