using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace HubSpotBus.ServiceDefaults;

/// <summary>
/// Brings a service's tables up to date before the bus starts: makes tables, columns and indexes that the model has and the database
/// lacks, and takes nothing away. Changes are additive, so that replicas of the version before go on beside this one
/// (docs/decisions/0011-the-schema-grows.md). Safe at every start and by many replicas at once.
/// </summary>
internal sealed partial class SchemaAtStart<TDb>(
    IServiceScopeFactory scopes, IOptions<DataOptions> options, TimeProvider time, ILogger<TDb> log) : IHostedLifecycleService
    where TDb : ServiceDb
{
    // Any number will do, as long as all replicas of all versions take the same.
    private const long SchemaLock = 0x48554253504F54;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Value.Folder);
        var giveUpAt = time.GetUtcNow() + Patience;
        while (true)
        {
            try
            {
                await BringUpToDateAsync(cancellationToken);
                return;
            }
            catch (Exception failure) when (StoreFailures.IsPassing(failure) && time.GetUtcNow() < giveUpAt)
            {
                Waiting(log, failure.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task BringUpToDateAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        if (db.Database.IsSqlite())
        {
            // WAL is a property of the file: readers no longer wait for the writer. The heap limit is one for all pooled connections,
            // whose page caches would otherwise grow to 2 MB each.
            await db.Database.ExecuteSqlRawAsync(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA soft_heap_limit=8388608;", cancellationToken);
            await AddWhatIsMissingAsync(db, cancellationToken);
            return;
        }

        await CreateDatabaseAsync(db, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({SchemaLock})", cancellationToken);
        await AddWhatIsMissingAsync(db, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task CreateDatabaseAsync(TDb db, CancellationToken cancellationToken)
    {
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken))
            return;
        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException other) when (other.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another replica was quicker.
        }
    }

    private static async Task AddWhatIsMissingAsync(TDb db, CancellationToken cancellationToken)
    {
        var create = db.Database.GenerateCreateScript()
            .Replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", StringComparison.Ordinal)
            .Replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", StringComparison.Ordinal)
            .Replace("CREATE UNIQUE INDEX ", "CREATE UNIQUE INDEX IF NOT EXISTS ", StringComparison.Ordinal);

        // Columns first: an index of the script may be on one of them.
        var missing = new List<AddColumnOperation>();
        foreach (var table in db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables)
            missing.AddRange(await MissingColumnsAsync(db, table, cancellationToken));
        var sql = db.GetService<IMigrationsSqlGenerator>().Generate(missing).Select(command => command.CommandText);
        foreach (var statement in sql.Append(create))
            await RunAsync(db, statement, cancellationToken);
    }

    private static async Task<IEnumerable<AddColumnOperation>> MissingColumnsAsync(TDb db, ITable table, CancellationToken cancellationToken)
    {
        if (!await TableExistsAsync(db, table.Name, cancellationToken))
            return [];
        var there = await ColumnsAsync(db, table.Name, cancellationToken);
        return table.Columns.Where(c => !there.Contains(c.Name)).Select(column => new AddColumnOperation
        {
            Table = table.Name,
            Name = column.Name,
            ClrType = column.ProviderClrType,
            ColumnType = column.StoreType,
            IsNullable = column.IsNullable,
            DefaultValue = column.IsNullable ? null : Default(column),
        });
    }

    // What rows of the version before get.
    private static object Default(IColumn column) =>
        column.ProviderClrType == typeof(string) ? ""
        : column.ProviderClrType.IsArray ? Array.CreateInstance(column.ProviderClrType.GetElementType()!, 0)
        : Activator.CreateInstance(column.ProviderClrType)!;

    private static async Task<bool> TableExistsAsync(TDb db, string table, CancellationToken cancellationToken) => db.Database.IsSqlite()
        ? await db.Database.SqlQuery<int>($"SELECT count(*) AS \"Value\" FROM sqlite_master WHERE type = 'table' AND name = {table}").SingleAsync(cancellationToken) > 0
        : await db.Database.SqlQuery<bool>($"SELECT to_regclass({'"' + table + '"'}) IS NOT NULL AS \"Value\"").SingleAsync(cancellationToken);

    private static async Task<HashSet<string>> ColumnsAsync(TDb db, string table, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
            command.CommandText = $"SELECT * FROM {db.GetService<ISqlGenerationHelper>().DelimitIdentifier(table)} LIMIT 0";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return [.. (await reader.GetColumnSchemaAsync(cancellationToken)).Select(c => c.ColumnName)];
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static Task<int> RunAsync(TDb db, string sql, CancellationToken cancellationToken) => db.Database.ExecuteSqlRawAsync(
        sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer yet ({Reason}); it is tried again in a second")]
    private static partial void Waiting(ILogger log, string reason);
}
