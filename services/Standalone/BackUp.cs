using HubSpotBus.ServiceDefaults;
using Microsoft.Data.Sqlite;

namespace HubSpotBus.Standalone;

/// <summary>`HubSpotBus.Standalone backup FILE`: copies the database file, which may be in use, as it is at one moment.</summary>
internal static class BackUp
{
    public static void To(IConfiguration configuration, string file)
    {
        var data = configuration.GetSection(DataOptions.Section).Get<DataOptions>() ?? new DataOptions();
        var source = new SqliteConnectionStringBuilder { DataSource = data.DatabaseFile, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 60 };
        using (var connection = Open(source))
            Execute(connection, "VACUUM INTO $file", file);
        using var copy = Open(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false });
        MarkToBeListedAgain(copy);
    }

    /// <summary>
    /// When the copy is restored, HubSpot may have more than its rows know of. Where a key is not unique, a listing finds it, as
    /// build/restored.sql has it for the services.
    /// </summary>
    private static void MarkToBeListedAgain(SqliteConnection copy)
    {
        foreach (var table in new[] { "customer_known_object_type", "product_known_object_type", "transaction_known_object_type" })
            Execute(copy, $"UPDATE {table} SET ListAgain = 1 WHERE NOT KeyIsUnique");
    }

    private static SqliteConnection Open(SqliteConnectionStringBuilder file)
    {
        var connection = new SqliteConnection(file.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql, string? file = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (file is not null)
            command.Parameters.AddWithValue("$file", file);
        command.ExecuteNonQuery();
    }
}
