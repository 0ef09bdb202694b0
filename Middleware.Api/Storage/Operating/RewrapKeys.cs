using Middleware.Audit;
using Middleware.Events;
using Middleware.Storage.Sql;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Storage.Operating;

/// <summary>Wraps the data keys of a store with the first master key, so that the other master keys may go.</summary>
internal static class RewrapKeys
{
    /// <summary>Returns the line for the operator. Throws <see cref="SettingsException"/> and <see cref="StartRefusedException"/>.</summary>
    public static string Execute(SettingsReader reader)
    {
        var settings = CommandStore.Settings(reader);
        if (settings.Encryption.Master is not { } master)
        {
            throw new StartRefusedException($"{Setting.MasterKey.Name}: is not given; expected the new master key and, below it, those of before.");
        }

        return CommandStore.Change(settings, (connection, place) =>
        {
            // A replica may add one at this moment.
            connection.LockForTransaction(DataKeyRows.Part);
            var (all, rewrapped) = DataKeyRows.Rewrap(connection, master, place);
            if (rewrapped > 0)
            {
                var keys = DataKeyRows.Read(connection, settings.Encryption, place);
                AuditRows.Append(connection, TimeProvider.System.GetUtcNow(), keys, Actor.Command, new AuditedChange("data_keys.rewrapped", master.FirstId));
            }

            return $"The master key \"{master.FirstId}\" wraps all {all} data keys of \"{place}\": {rewrapped} since now, {all - rewrapped} since before.";
        });
    }
}
