using Microsoft.Data.Sqlite;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Operating;

/// <summary>The store of a command beside the service, on whichever engine. Its place is handed on for messages, and errors of the database are refusals.</summary>
internal static class CommandStore
{
    /// <summary>Throws <see cref="SettingsException"/>.</summary>
    public static StoreSettings Settings(SettingsReader reader)
    {
        var settings = StoreSettings.Read(reader);
        return reader.Failures.Count == 0 ? settings : throw new SettingsException(reader.Failures);
    }

    /// <summary>Reads one state of a store, which may be in use. Throws <see cref="StartRefusedException"/>.</summary>
    public static T Read<T>(StoreSettings settings, Func<ISqlConnection, string, T> read)
    {
        if (settings.Postgres is { } postgres)
        {
            return OnServer(postgres, session => InTransaction(session, System.Data.IsolationLevel.RepeatableRead, connection => read(connection, postgres.Place)));
        }

        var path = PathOf(settings);
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            using var snapshot = connection.BeginTransaction(deferred: true);
            return read(new SqliteSql(connection), path);
        }
        catch (SqliteException exception)
        {
            throw new StartRefusedException($"{Setting.DataDir.Name}: the store \"{path}\" cannot be read ({exception.Message.TrimEnd('.')}).", exception);
        }
    }

    /// <summary>
    /// Changes a store in one transaction, and leaves no copy of what was there before in the log of SQLite. No service may use a file meanwhile; a
    /// database may be in use. Throws <see cref="StartRefusedException"/>.
    /// </summary>
    public static T Change<T>(StoreSettings settings, Func<ISqlConnection, string, T> change)
    {
        if (settings.Postgres is { } postgres)
        {
            return OnServer(postgres, session =>
            {
                PostgresSchema.Run(session, postgres.Place, PostgresSchema.Scripts);
                return InTransaction(session, System.Data.IsolationLevel.ReadCommitted, connection => change(connection, postgres.Place));
            });
        }

        PathOf(settings);
        using var file = StoreFile.Open(settings.DataFolder);
        try
        {
            using var connection = file.OpenWriter();
            SchemaMigration.Run(connection, SchemaMigration.Scripts);
            StoreFile.Execute(connection, "BEGIN IMMEDIATE");
            var changed = change(new SqliteSql(connection), file.Path);
            StoreFile.Execute(connection, "COMMIT");
            StoreFile.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            return changed;
        }
        catch (SqliteException exception)
        {
            throw file.Refusal(exception);
        }
    }

    private static string PathOf(StoreSettings settings) => StoreFile.PathIn(settings.DataFolder) is var path && !settings.IsMemory && File.Exists(path)
        ? path
        : throw new StartRefusedException($"{Setting.DataDir.Name}: there is no store in \"{settings.DataFolder}\"; expected the folder of the service.");

    private static T OnServer<T>(PostgresSettings postgres, Func<NpgsqlConnection, T> work)
    {
        try
        {
            using var server = postgres.CreateSource();
            using var session = server.OpenConnection();
            return PostgresSchema.IsThere(session)
                ? work(session)
                : throw new StartRefusedException($"{PostgresSettings.Name}: there is no store in \"{postgres.Place}\"; expected the database of the service.");
        }
        catch (NpgsqlException exception)
        {
            throw postgres.Refusal(exception);
        }
    }

    private static T InTransaction<T>(NpgsqlConnection session, System.Data.IsolationLevel level, Func<ISqlConnection, T> work)
    {
        using var transaction = session.BeginTransaction(level);
        var done = work(new PostgresSql(() => session));
        transaction.Commit();
        return done;
    }
}
