using System.Globalization;
using Microsoft.Data.Sqlite;
using Middleware.Storage.Sql;
using ServiceDefaults;

namespace Middleware.Storage.Sqlite;

/// <summary>Brings a database to this program's schema: numbered scripts, each in a transaction of its own with its number.</summary>
internal static class SchemaMigration
{
    /// <summary>The scripts of this program, oldest first: that many is its version.</summary>
    public static IReadOnlyList<string> Scripts => SchemaScripts.Of("sqlite");

    /// <summary>Throws <see cref="StartRefusedException"/> for a schema that is newer than this program knows.</summary>
    public static void Run(SqliteConnection connection, IReadOnlyList<string> scripts)
    {
        var version = Version(connection);
        if (version > scripts.Count)
        {
            throw new StartRefusedException(
                $"The store \"{connection.DataSource}\" has schema {version}, this program knows up to {scripts.Count}: it was written by a newer version. Run that one.");
        }

        for (var next = version; next < scripts.Count; next++)
        {
            using var transaction = connection.BeginTransaction();
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = scripts[next] + string.Create(CultureInfo.InvariantCulture, $";PRAGMA user_version = {next + 1};");
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    private static int Version(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
