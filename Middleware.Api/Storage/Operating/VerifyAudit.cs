using Middleware.Audit;
using Middleware.Storage.Sql;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Operating;

/// <summary>Checks the chain of hashes of the audit log in a store, which may be in use.</summary>
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
        var settings = CommandStore.Settings(reader);
        return CommandStore.Read(settings, (connection, place) =>
        {
            var keys = settings.Encryption.Master is null ? null : DataKeyRows.Read(connection, settings.Encryption, place);
            var (newest, rows, isKeyed, fault) = AuditRows.Verify(connection, keys, expected);
            return fault is not null
                ? throw new StartRefusedException($"The audit log of \"{place}\" is not whole: {fault}.")
                : $"The audit log of \"{place}\" is whole: {rows} rows, head {newest}."
                    + (isKeyed ? "" : " It has hashes without a key (no MASTER_KEY when they were written): who can write to the store can make them anew.");
        });
    }
}
