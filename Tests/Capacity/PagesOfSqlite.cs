using Bench.Capacity;
using Microsoft.Data.Sqlite;

namespace Tests.Capacity;

/// <summary>The room of rows in SQLite's pages, against SQLite itself.</summary>
public class PagesOfSqlite
{
    private const int Rows = 2000;
    private const int PageBytes = 4096;

    [Theory]
    [InlineData(256)]
    [InlineData(1024)]
    [InlineData(1800)]
    [InlineData(2048)]
    [InlineData(3900)]
    [InlineData(3920)]
    [InlineData(4096)]
    [InlineData(8192)]
    [InlineData(65_536)]
    public async Task A_row_takes_as_many_bytes_as_are_computed(int body)
    {
        using var folder = new TemporaryDirectory();
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "rows.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(connection, "CREATE TABLE rows (seq INTEGER PRIMARY KEY, beside BLOB NOT NULL, body BLOB NOT NULL)");
        var empty = await ExecuteAsync(connection, "PRAGMA page_count");

        // The record's own header is six bytes here.
        await ExecuteAsync(connection, $"""
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {Rows})
            INSERT INTO rows SELECT n, zeroblob({SqlitePages.RowBesideBody - 6}), zeroblob({body}) FROM numbers
            """);

        var pages = await ExecuteAsync(connection, "PRAGMA page_count") - empty;
        Assert.Equal(1, SqlitePages.BytesOf(body) * Rows / (pages * PageBytes), 0.02);
    }

    private static async Task<long> ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is long number ? number : 0;
    }
}
