using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using HubSpotBus.ServiceDefaults.Outbox;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace HubSpotBus.ServiceDefaults;

/// <summary>Where the process keeps what must survive it.</summary>
public sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>Folder of the database file, keys and first-start secrets.</summary>
    [Required]
    public string Folder { get; set; } = "data";

    public string DatabaseFile => Path.Combine(Folder, "hubspotbus.db");
}

/// <summary>A row whose change is refused when somebody else changed it since it was read.</summary>
public interface IVersioned
{
    int Version { get; set; }
}

/// <summary>
/// The store of one service: its own tables under its own prefix, and the bus tables (inbox, outbox, dead letters) that the
/// services of a process share, so that a change and its messages commit together.
/// </summary>
public abstract partial class ServiceDb(DbContextOptions options, string prefix) : DbContext(options)
{
    // SQLite has one writer. Waiting here is fair and quick; waiting inside SQLite is a sleeping loop.
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Writers = new();

    public DbSet<OutboxMessage> OutboxMessages => Set<OutboxMessage>();

    public DbSet<InboxMessage> InboxMessages => Set<InboxMessage>();

    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    protected abstract void OnServiceModelCreating(ModelBuilder modelBuilder);

    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        OnServiceModelCreating(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(e => !e.IsOwned()))
            entity.SetTableName($"{prefix}_{SnakeCase(entity.ClrType.Name)}");
        BusTables.Map(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(e => typeof(IVersioned).IsAssignableFrom(e.ClrType)))
            modelBuilder.Entity(entity.ClrType).Property(nameof(IVersioned.Version)).IsConcurrencyToken();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        foreach (var entry in ChangeTracker.Entries<IVersioned>().Where(e => e.State == EntityState.Modified))
            entry.Entity.Version++;
        var writer = Writers.GetOrAdd(Database.GetConnectionString() ?? "", _ => new SemaphoreSlim(1, 1));
        await writer.WaitAsync(cancellationToken);
        try
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        finally
        {
            writer.Release();
        }
    }

    /// <summary>Makes the tables that are not there yet; safe to run at every start and by every service of the file.</summary>
    internal async Task CreateTablesAsync(CancellationToken cancellationToken)
    {
        var script = Database.GenerateCreateScript()
            .Replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", StringComparison.Ordinal)
            .Replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", StringComparison.Ordinal)
            .Replace("CREATE UNIQUE INDEX ", "CREATE UNIQUE INDEX IF NOT EXISTS ", StringComparison.Ordinal);
        await Database.ExecuteSqlRawAsync(script.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), cancellationToken);
    }

    internal static string SnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), value => DateTimeOffset.FromUnixTimeMilliseconds(value));
}

public static class Database
{
    /// <summary>Adds a service's store on the process's database file; its tables are there before the bus starts.</summary>
    public static void AddServiceDatabase<TDb>(this IHostApplicationBuilder builder)
        where TDb : ServiceDb
    {
        builder.Services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddDbContext<TDb>((provider, options) => options.UseSqlite(ConnectionString(provider)));
        builder.Services.AddScoped<Outbox<TDb>>();
        builder.Services.AddSingleton<IHostedService, TablesAtStart<TDb>>();
    }

    private static string ConnectionString(IServiceProvider provider) => new SqliteConnectionStringBuilder
    {
        DataSource = provider.GetRequiredService<IOptions<DataOptions>>().Value.DatabaseFile,
        DefaultTimeout = 30,
    }.ToString();
}

internal sealed class TablesAtStart<TDb>(IServiceScopeFactory scopes, IOptions<DataOptions> options) : IHostedLifecycleService
    where TDb : ServiceDb
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Value.Folder);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        // WAL is a property of the file: readers no longer wait for the writer. The heap limit is one for all pooled connections,
        // whose page caches would otherwise grow to 2 MB each.
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA soft_heap_limit=8388608;", cancellationToken);
        await db.CreateTablesAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
