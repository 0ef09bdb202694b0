using Microsoft.Data.Sqlite;
using Middleware.Audit;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Sqlite;

/// <summary>Checks the chain of hashes of the audit log in a store's file, which may be in use.</summary>
internal static class VerifyAudit
{
    private const string HeadOption = "--head";

    /// <summary>
    /// Returns the line for the operator. Throws <see cref="StartRefusedException"/> with the first fault of the log, and <see cref="SettingsException"/>.
    /// </summary>
    public static string Execute(string[] arguments)
    {
        var at = Array.IndexOf(arguments, HeadOption);
        var expected = at >= 0 ? AuditHead.Parse(at + 1 < arguments.Length ? arguments[at + 1] : "") ?? throw new StartRefusedException(
            $"{HeadOption}: expected a head as the log has it once a day, such as 12:{new string('0', 8)}... with 64 hexadecimal digits.") : (AuditHead?)null;
        var reader = SettingsReader.ForCommand(at >= 0 ? [.. arguments[..at], .. arguments.Skip(at + 2)] : arguments);
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
            var keys = settings.Encryption.Master is null ? null : DataKeyRows.Read(connection.Handle!, settings.Encryption, path);
            var (head, rows, isKeyed, fault) = AuditRows.Verify(connection.Handle!, keys, expected);
            return fault is not null
                ? throw new StartRefusedException($"The audit log of \"{path}\" is not whole: {fault}.")
                : $"The audit log of \"{path}\" is whole: {rows} rows, head {head}."
                    + (isKeyed ? "" : " It has hashes without a key (no MASTER_KEY when they were written): who can write the file can make them anew.");
        }
        catch (SqliteException exception)
        {
            throw new StartRefusedException($"{Setting.DataDir.Name}: the store \"{path}\" cannot be read ({exception.Message.TrimEnd('.')}).", exception);
        }
    }
}
