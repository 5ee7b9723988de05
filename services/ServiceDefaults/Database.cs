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
using Npgsql;

namespace HubSpotBus.ServiceDefaults;

/// <summary>Where the process keeps what must survive it.</summary>
public sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>Folder of the database file, keys and first-start secrets.</summary>
    [Required]
    public string Folder { get; set; } = "data";

    /// <summary>
    /// Connection string of the PostgreSQL server that keeps the rows instead of the file. The service makes its database when it is
    /// missing: the one that the string names, or hubspotbus_ and the service's name.
    /// </summary>
    public Secret? PostgreSql { get; set; }

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
        if (!Database.IsSqlite())
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
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

    /// <summary>Deletes what ended before; a service with more than the inbox to clean overrides it.</summary>
    public virtual Task DeleteOldAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        InboxMessages.Where(m => m.ConsumedAt < before).ExecuteDeleteAsync(cancellationToken);

    internal static string SnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), value => DateTimeOffset.FromUnixTimeMilliseconds(value));
}

public static class Database
{
    /// <summary>
    /// Adds a service's store: on the process's database file, or on PostgreSQL where that is configured. Its tables are there before
    /// the bus starts.
    /// </summary>
    public static void AddServiceDatabase<TDb>(this IHostApplicationBuilder builder)
        where TDb : ServiceDb
    {
        builder.Services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddDbContext<TDb>((provider, options) =>
        {
            var data = provider.GetRequiredService<IOptions<DataOptions>>().Value;
            if (data.PostgreSql is { IsEmpty: false } server)
                options.UseNpgsql(PostgreSql(server, builder.Environment.ApplicationName));
            else
                options.UseSqlite(new SqliteConnectionStringBuilder { DataSource = data.DatabaseFile, DefaultTimeout = 30 }.ToString());
        });
        builder.Services.AddScoped<Outbox<TDb>>();
        builder.Services.AddSingleton<IHostedService, SchemaAtStart<TDb>>();
        builder.Services.AddHostedService<Cleaning<TDb>>();
    }

    private static string PostgreSql(Secret server, string application)
    {
        var connection = new NpgsqlConnectionStringBuilder(server.Reveal()) { ApplicationName = application };
        connection.Database ??= application.Replace('.', '_').ToLowerInvariant();

        // The database may be restarted under us: a broken connection of the pool must not break the next statement as well.
        connection.KeepAlive = connection.KeepAlive == 0 ? 10 : connection.KeepAlive;
        return connection.ConnectionString;
    }
}
