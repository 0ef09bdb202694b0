using System.Text;
using Middleware.Events;
using Middleware.Storage.AtRest;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The definitions of endpoints as they are stored: text, or with a master key a ciphertext. They have signing secrets, header values and credentials,
/// and no SQL reads them, so all of a definition is encrypted.
/// </summary>
internal static class SealedDefinitions
{
    /// <summary>The most that one transaction encrypts.</summary>
    private const int AtOnce = 200;

    /// <summary>Null for a ciphertext that does not open.</summary>
    public static string? Read(DataKeys? keys, EndpointId id, long version, sqlite3_stmt row, int column) =>
        raw.sqlite3_column_type(row, column) != raw.SQLITE_BLOB ? Column.Text(row, column)
        : DataKeys.Open(keys, SealedRow.Endpoint(id.Value, version), raw.sqlite3_column_blob(row, column)) is { } definition ? Encoding.UTF8.GetString(definition)
        : null;

    public static byte[] Write(DataKeys keys, EndpointId id, long version, string definition) =>
        keys.Seal(SealedRow.Endpoint(id.Value, version), Encoding.UTF8.GetBytes(definition));

    /// <summary>Encrypts the plain ones, before anything else uses the store. A transaction has a part of them; after a kill the next start goes on.</summary>
    public static void EncryptAll(sqlite3 connection, DataKeys keys)
    {
        using var begin = new Statement(connection, "BEGIN IMMEDIATE");
        using var commit = new Statement(connection, "COMMIT");
        using var find = new Statement(
            connection,
            """
            SELECT r.endpoint, n.id, r.version, r.definition FROM registrations r JOIN endpoints n ON n.no = r.endpoint
            WHERE r.endpoint > ?1 AND typeof(r.definition) = 'text' ORDER BY r.endpoint LIMIT ?2
            """);
        using var update = new Statement(connection, "UPDATE registrations SET definition = ?2 WHERE endpoint = ?1");
        var last = 0L;
        while (true)
        {
            var plain = new List<(long Endpoint, byte[] Definition)>();
            find.Bind(1, last).Bind(2, AtOnce).ForEach(row =>
                plain.Add((Column.Number(row, 0), Write(keys, Column.Endpoint(row, 1), Column.Number(row, 2), Column.Text(row, 3)))));
            if (plain.Count == 0)
            {
                return;
            }

            begin.Run();
            foreach (var (endpoint, definition) in plain)
            {
                update.Bind(1, endpoint).Bind(2, definition).Run();
            }

            commit.Run();
            last = plain[^1].Endpoint;
        }
    }
}
