using Microsoft.Data.Sqlite;
using Middleware.Audit;
using Middleware.Storage.Sql;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Sqlite;

/// <summary>Checks the chain of hashes of the audit log in a store's file, which may be in use.</summary>
internal static class VerifyAudit
{
    public const string HeadOption = "--head";

    /// <summary>
    /// Returns the line for the operator. Throws <see cref="StartRefusedException"/> with the first fault of the log, and <see cref="SettingsException"/>.
    /// </summary>
    /// <param name="reader">The settings of the store.</param>
    /// <param name="head">The head that the log must have; null for any.</param>
    public static string Execute(SettingsReader reader, string? head)
    {
        var expected = head is null ? (AuditHead?)null : AuditHead.Parse(head) ?? throw new StartRefusedException(
            $"{HeadOption}: expected a head as the log has it once a day, such as 12:{new string('0', 8)}... with 64 hexadecimal digits.");
        var settings = StoreSettings.Read(reader);
        if (reader.Failures.Count > 0)
        {
            throw new SettingsException(reader.Failures);
        }

        var path = StoreFile.PathIn(settings.DataFolder);
        if (settings.IsMemory || !File.Exists(path))
        {
            throw new StartRefusedException($"{Setting.DataDir.Name}: there is no store in \"{settings.DataFolder}\"; expected the folder of the service.");
        }

        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            var keys = settings.Encryption.Master is null ? null : DataKeyRows.Read(new SqliteSql(connection), settings.Encryption, path);
            var (newest, rows, isKeyed, fault) = AuditRows.Verify(new SqliteSql(connection), keys, expected);
            return fault is not null
                ? throw new StartRefusedException($"The audit log of \"{path}\" is not whole: {fault}.")
                : $"The audit log of \"{path}\" is whole: {rows} rows, head {newest}."
                    + (isKeyed ? "" : " It has hashes without a key (no MASTER_KEY when they were written): who can write the file can make them anew.");
        }
        catch (SqliteException exception)
        {
            throw new StartRefusedException($"{Setting.DataDir.Name}: the store \"{path}\" cannot be read ({exception.Message.TrimEnd('.')}).", exception);
        }
    }
}
