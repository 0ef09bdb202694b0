using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>Begins the encryption of a store that is opened, before its first transaction.</summary>
internal static class OpenDataKeys
{
    /// <summary>
    /// Unwraps the data keys and encrypts plain secrets. The engine may have copies of these, also from before a crash. Null without a master key. When it throws, a
    /// transaction may be open, which ends with the writer's connection.
    /// </summary>
    public static DataKeys? Execute(IStoreWriter writer, EncryptionSettings settings, string place, DateTimeOffset now)
    {
        // Both or neither: a store with data keys and no keyed row would be one whose audit log was exchanged.
        var connection = writer.Connection;
        using var begin = connection.Prepare("BEGIN");
        begin.Run();
        var keys = DataKeyRows.Open(connection, settings, place, now);
        if (keys is not null)
        {
            AuditRows.BeginKeys(connection, keys, now);
        }

        using var commit = connection.Prepare("COMMIT");
        commit.Run();
        if (keys is not { SealsPayloads: true })
        {
            PlainRows.ForgetThrough(connection);
        }

        if (keys is not null)
        {
            SealedDefinitions.EncryptAll(connection, keys);
            writer.RemoveCopies();
        }

        return keys;
    }
}
