using System.Text;
using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>
/// The definitions of endpoints as they are stored: UTF-8, or with a master key a ciphertext. They have signing secrets, header values and credentials,
/// and no SQL reads them, so all of a definition is encrypted.
/// </summary>
internal static class SealedDefinitions
{
    /// <summary>The most that one transaction encrypts.</summary>
    private const int AtOnce = 200;

    /// <summary>Null for a ciphertext that does not open.</summary>
    public static string? Read(DataKeys? keys, EndpointId id, long version, ISqlRow row, int column) =>
        row.Blob(column) is var stored && !SealedBytes.IsSealed(stored) ? Encoding.UTF8.GetString(stored)
        : DataKeys.Open(keys, SealedRow.Endpoint(id.Value, version), stored) is { } definition ? Encoding.UTF8.GetString(definition)
        : null;

    public static byte[] Write(DataKeys keys, EndpointId id, long version, string definition) =>
        keys.Seal(SealedRow.Endpoint(id.Value, version), Encoding.UTF8.GetBytes(definition));

    /// <summary>Encrypts the plain ones, before anything else uses the store. A transaction has a part of them; after a kill the next start goes on.</summary>
    public static void EncryptAll(ISqlConnection connection, DataKeys keys)
    {
        using var begin = connection.Prepare("BEGIN");
        using var commit = connection.Prepare("COMMIT");
        using var find = connection.Prepare(
            """
            SELECT r.endpoint, n.id, r.version, r.definition FROM registrations r JOIN endpoints n ON n.no = r.endpoint
            WHERE r.endpoint > ?1 ORDER BY r.endpoint LIMIT ?2
            """);
        using var update = connection.Prepare("UPDATE registrations SET definition = ?2 WHERE endpoint = ?1");
        var last = 0L;
        while (true)
        {
            var (plain, count) = (new List<(long Endpoint, byte[] Definition)>(), 0);
            find.Bind(1, last).Bind(2, AtOnce).ForEach(row =>
            {
                (last, count) = (Column.Number(row, 0), count + 1);
                if (!SealedBytes.IsSealed(row.Blob(3)))
                {
                    plain.Add((last, Write(keys, Column.Endpoint(row, 1), Column.Number(row, 2), Encoding.UTF8.GetString(row.Blob(3)))));
                }
            });
            if (count == 0)
            {
                return;
            }

            begin.Run();
            foreach (var (endpoint, definition) in plain)
            {
                update.Bind(1, endpoint).Bind(2, definition).Run();
            }

            commit.Run();
        }
    }
}
