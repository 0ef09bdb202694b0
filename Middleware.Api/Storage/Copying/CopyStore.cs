using Microsoft.Data.Sqlite;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sqlite;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Copying;

/// <summary>Copies a SQLite store into a PostgreSQL database, and compares both. The service must not run meanwhile; after a kill the next run goes on.</summary>
internal static class CopyStore
{
    /// <summary>The options of the command, and the settings that they stand for.</summary>
    public static readonly IReadOnlyList<(string Option, string Setting)> Options = [("--from", Setting.DataDir.Name), ("--to", "ConnectionStrings:events")];

    /// <summary>Returns the lines for the operator. Throws <see cref="SettingsException"/> and <see cref="StartRefusedException"/>.</summary>
    public static string Execute(SettingsReader reader, TextWriter output, TimeProvider clock)
    {
        var settings = StoreSettings.Read(reader);
        if (reader.Failures.Count > 0)
        {
            throw new SettingsException(reader.Failures);
        }

        if (settings.Postgres is not { } postgres)
        {
            throw new StartRefusedException($"{PostgresSettings.Name}: expected the connection string of an empty PostgreSQL database, to which the store is copied.");
        }

        if (!File.Exists(StoreFile.PathIn(settings.DataFolder)))
        {
            throw new StartRefusedException($"{Setting.DataDir.Name}: there is no store in \"{settings.DataFolder}\"; expected the folder of the service.");
        }

        using var file = StoreFile.Open(settings.DataFolder, static _ => null);
        try
        {
            using var connection = file.OpenWriter();
            SchemaMigration.Run(connection, SchemaMigration.Scripts);
            var source = new CopySource(new SqliteSql(connection), file.Path);
            using var server = postgres.CreateSource();
            using var session = server.OpenConnection();
            return Copy(source, CopyTarget.Open(session, postgres.Place, source.Fingerprint()), new CopyProgress(output, clock));
        }
        catch (SqliteException exception)
        {
            throw file.Refusal(exception);
        }
        catch (NpgsqlException exception)
        {
            throw new StartRefusedException(
                $"{PostgresSettings.Name}: the copy to \"{postgres.Place}\" stopped ({exception.Message.TrimEnd('.')}). The source is as it was. Run the command again: it goes on.", exception);
        }
    }

    private static string Copy(CopySource source, CopyTarget target, CopyProgress progress)
    {
        progress.Say($"copying \"{source.Path}\" to \"{target.Place}\"");
        var map = SequenceMap.Read(source.Connection, target.BegunAt);
        PostgresPartitions.Ensure(target.Connection, map.Days);
        foreach (var table in CopiedTable.All)
        {
            Copy(table, source, target, map, progress);
        }

        target.Analyze();
        var lines = CopiedTable.All.Select(table => CopyComparison.Compare(table, source, target, map, progress)).ToList();
        target.Finish(source, map.Last);
        lines.Add(FormattableString.Invariant(
            $"The store \"{source.Path}\" is copied to \"{target.Place}\": {CopiedTable.All.Sum(source.RowsOf)} rows, all compared, in {progress.Elapsed.TotalSeconds:0.0} s. Do not start a service on the old one again."));
        return string.Join(Environment.NewLine, lines);
    }

    private static void Copy(CopiedTable table, CopySource source, CopyTarget target, SequenceMap map, CopyProgress progress)
    {
        using var writer = new CopyWriter(target, table);
        progress.Begin($"copying {table.Name}", writer.Committed);
        using var read = source.Connection.Prepare(table.SourceSql);
        read.Bind(1, writer.Committed).ForEach(row =>
        {
            if (writer.BeginRow())
            {
                progress.Report(writer.Committed, source.RowsOf(table));
            }

            CopiedRow.Read(table, row, map, writer);
        });
        writer.Commit();
    }
}
