using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace HubSpotBus.ServiceDefaults;

/// <summary>Failures of the store that say nothing about the work: done again, it may succeed.</summary>
public static class StoreFailures
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqlitePrimaryKeyTaken = 1555;
    private const int SqliteUniqueTaken = 2067;
    private const string UniqueTaken = "23505";

    // What Npgsql says when the connection was lost beneath an open transaction; no type and no code tells it.
    private const string TransactionLost = "Transaction is already completed";

    /// <summary>Somebody else changed or added the same row first. A saga's activity wraps what it failed of.</summary>
    public static bool IsConflict(Exception failure) => failure switch
    {
        DbUpdateConcurrencyException => true,
        SqliteException { SqliteExtendedErrorCode: SqlitePrimaryKeyTaken or SqliteUniqueTaken } => true,
        DbException { SqlState: UniqueTaken } => true,
        { InnerException: { } inner } => IsConflict(inner),
        _ => false,
    };

    /// <summary>The database restarts, is out of reach, or was too busy.</summary>
    public static bool IsPassing(Exception failure) => failure switch
    {
        SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => true,
        DbException { IsTransient: true } => true,
        InvalidOperationException { Message: TransactionLost } => true,
        NpgsqlException and not PostgresException => true, // no answer of the database, or none that makes sense, as while it starts
        SocketException => true,
        { InnerException: { } inner } => IsPassing(inner),
        _ => false,
    };
}
