using Microsoft.Data.Sqlite;
using Middleware.Audit;
using Middleware.Events;
using Middleware.Storage.Sql;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Sqlite;

/// <summary>Wraps the data keys of a store with the first master key, so that the other master keys may go. The service must not run meanwhile.</summary>
internal static class RewrapKeys
{
    /// <summary>Returns the line for the operator. Throws <see cref="SettingsException"/> and <see cref="StartRefusedException"/>.</summary>
    public static string Execute(SettingsReader reader)
    {
        var settings = StoreSettings.Read(reader);
        if (reader.Failures.Count > 0)
        {
            throw new SettingsException(reader.Failures);
        }

        if (settings.Encryption.Master is not { } master)
        {
            throw new StartRefusedException($"{Setting.MasterKey.Name}: is not given; expected the new master key and, below it, those of before.");
        }

        if (settings.IsMemory || !File.Exists(StoreFile.PathIn(settings.DataFolder)))
        {
            throw new StartRefusedException($"{Setting.DataDir.Name}: there is no store in \"{settings.DataFolder}\"; expected the folder of the service.");
        }

        using var file = StoreFile.Open(settings.DataFolder);
        try
        {
            using var connection = file.OpenWriter();
            SchemaMigration.Run(connection, SchemaMigration.Scripts);
            StoreFile.Execute(connection, "BEGIN IMMEDIATE");
            var (all, rewrapped) = DataKeyRows.Rewrap(new SqliteSql(connection), master, file.Path);
            if (rewrapped > 0)
            {
                var keys = DataKeyRows.Read(new SqliteSql(connection), settings.Encryption, file.Path);
                AuditRows.Append(new SqliteSql(connection), TimeProvider.System.GetUtcNow(), keys, Actor.Command, new AuditedChange("data_keys.rewrapped", master.FirstId));
            }

            StoreFile.Execute(connection, "COMMIT");

            // The log has the keys as they were wrapped before.
            StoreFile.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            return $"The master key \"{master.FirstId}\" wraps all {all} data keys of \"{file.Path}\": {rewrapped} since now, {all - rewrapped} since before.";
        }
        catch (SqliteException exception)
        {
            throw file.Refusal(exception);
        }
    }
}
