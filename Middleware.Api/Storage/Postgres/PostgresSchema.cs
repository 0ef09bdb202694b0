using System.Data;
using System.Globalization;
using Middleware.Storage.Sql;
using Npgsql;
using ServiceDefaults;

namespace Middleware.Storage.Postgres;

/// <summary>
/// Brings a database to this program's schema: numbered scripts under a lock, each in a transaction of its own with its number. A script adds first; what it takes
/// away, a later one does, when no program that needs it may run any more.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>The scripts of this program, oldest first: that many is its version.</summary>
    public static IReadOnlyList<string> Scripts => SchemaScripts.Of("postgres");

    /// <summary>The oldest version of the schema of which a program may run on the newest: programs below it are refused.</summary>
    private const int OldestProgram = 2;

    /// <summary>The table that is there until a copy of a SQLite store is whole.</summary>
    public const string CopyTable = "store_copy";

    private const int OldestServer = 14;

    /// <summary>Throws <see cref="StartRefusedException"/> for a server, a store or a schema that this program cannot run on.</summary>
    public static void Run(NpgsqlConnection connection, string place, IReadOnlyList<string> scripts) => Locked(connection, () =>
    {
        ThrowIfTooOld(connection, place);
        if (HasUnfinishedCopy(connection))
        {
            throw new StartRefusedException($"{PostgresSettings.Name}: \"{place}\" holds an unfinished copy of a store. Run Middleware.Api store copy again, which goes on with it.");
        }

        Update(connection, place, scripts);
    });

    /// <summary>False for a database without a store.</summary>
    public static bool IsThere(NpgsqlConnection connection) => HasTable(connection, "store");

    public static bool HasUnfinishedCopy(NpgsqlConnection connection) => HasTable(connection, CopyTable);

    /// <summary>Does something while nobody else changes the schema.</summary>
    public static void Locked(NpgsqlConnection connection, Action change)
    {
        Execute(connection, "SELECT pg_advisory_lock(hashtext('aspire-integration.schema'))");
        try
        {
            change();
        }
        finally
        {
            if (connection.State == ConnectionState.Open)
            {
                Execute(connection, "SELECT pg_advisory_unlock(hashtext('aspire-integration.schema'))");
            }
        }
    }

    public static void ThrowIfTooOld(NpgsqlConnection connection, string place)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new StartRefusedException($"{PostgresSettings.Name}: the server \"{place}\" has version {connection.PostgreSqlVersion}; expected PostgreSQL {OldestServer} or later.");
        }
    }

    /// <summary>Runs the scripts that the database does not have, under the lock.</summary>
    public static void Update(NpgsqlConnection connection, string place, IReadOnlyList<string> scripts)
    {
        Execute(connection, "CREATE TABLE IF NOT EXISTS store (version INT NOT NULL, oldest_program INT NOT NULL)");
        var (version, oldestProgram) = Version(connection);
        if (version > scripts.Count && oldestProgram > scripts.Count)
        {
            throw new StartRefusedException(
                $"The store \"{place}\" has schema {version}, which needs a program that knows schema {oldestProgram}; this program knows up to {scripts.Count}: it was written by a newer version. Run that one.");
        }

        for (var next = version; next < scripts.Count; next++)
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, scripts[next]);
            Execute(connection, next == 0
                ? string.Create(CultureInfo.InvariantCulture, $"INSERT INTO store (version, oldest_program) VALUES (1, {OldestProgram})")
                : string.Create(CultureInfo.InvariantCulture, $"UPDATE store SET version = {next + 1}, oldest_program = {OldestProgram}"));
            transaction.Commit();
        }
    }

    private static bool HasTable(NpgsqlConnection connection, string name)
    {
        using var find = new NpgsqlCommand($"SELECT to_regclass('{name}') IS NOT NULL", connection);
        return find.ExecuteScalar() is true;
    }

    private static (int Version, int OldestProgram) Version(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT version, oldest_program FROM store", connection);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt32(0), reader.GetInt32(1)) : (0, 0);
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
