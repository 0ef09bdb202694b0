using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;

namespace Middleware.Storage.Copying;

/// <summary>The store in a data folder, of which no service runs meanwhile.</summary>
internal sealed class CopySource(ISqlConnection connection, string path)
{
    private readonly Dictionary<string, long> _rows = CopiedTable.All.ToDictionary(static table => table.Name, table => Scalar(connection, $"SELECT COUNT(*) FROM {table.Name}"));

    public ISqlConnection Connection => connection;

    public string Path => path;

    /// <summary>The number of rows of a table.</summary>
    public long RowsOf(CopiedTable table) => _rows[table.Name];

    /// <summary>A text that is another one for another store, and for this one after a service has used it. The end of a copy compares all rows.</summary>
    public string Fingerprint() => string.Join(
        ' ',
        [
            $"schema={SchemaMigration.Scripts.Count}",
            .. CopiedTable.All.Select(table => $"{table.Name}={RowsOf(table)}"),
            $"events={Hex("SELECT id FROM events ORDER BY seq LIMIT 1")}-{Hex("SELECT id FROM events ORDER BY seq DESC LIMIT 1")}",
            $"pending={Scalar(connection, "SELECT MAX(seq) FROM pending")}",
            $"audit={AuditRows.Head(connection)}",
        ]);

    /// <summary>The highest number that a table's rows ever had; it is not used again.</summary>
    public long LastNumber(CopiedTable table)
    {
        using var used = connection.Prepare("SELECT seq FROM sqlite_sequence WHERE name = ?1");
        return Math.Max(used.Bind(1, table.Name).Scalar() ?? 0, Scalar(connection, $"SELECT MAX(no) FROM {table.Name}"));
    }

    private string Hex(string sql)
    {
        var id = "";
        using var read = connection.Prepare(sql);
        read.ForEach(row => id = Convert.ToHexStringLower(row.Blob(0)));
        return id;
    }

    private static long Scalar(ISqlConnection connection, string sql)
    {
        using var read = connection.Prepare(sql);
        return read.Scalar() ?? 0;
    }
}
