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
        using var connection = new SqliteConnection(source.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $file";
        command.Parameters.AddWithValue("$file", file);
        command.ExecuteNonQuery();
    }
}
