using System.Text;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Rows and their columns, as SQLite reads them too.</summary>
public class ReadingColumns
{
    [Fact]
    public async Task The_bytes_of_a_text_are_its_UTF8()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var sql = new PostgresSql(database.Source.OpenConnection);
        using var read = sql.Prepare("SELECT 'é'::text, NULL::text, '\\x0102'::bytea");

        var found = new List<byte[]>();
        read.ForEach(row => found.AddRange([Column.Bytes(row, 0), Column.Bytes(row, 1), Column.Bytes(row, 2)]));

        Assert.Equal([Encoding.UTF8.GetBytes("é"), [], [1, 2]], found);
    }

    [Fact]
    public async Task A_connection_that_is_closed_while_it_reads_is_closed_behind_the_last_row()
    {
        const int Rows = 100_000;
        await using var database = await PostgresDatabase.CreateAsync();
        var sql = new PostgresSql(database.Source.OpenConnection);
        using var read = sql.Prepare($"SELECT * FROM generate_series(1, {Rows})");

        var (found, closing) = (0, Task.CompletedTask);
        await Task.Run(() => read.ForEach(_ => closing = ++found == 1 ? Task.Run(sql.Dispose, Waiting.Cancellation) : closing), Waiting.Cancellation).InTime();
        await closing.InTime();

        Assert.Equal(Rows, found);
        Assert.Throws<ObjectDisposedException>(read.Run);
    }
}
