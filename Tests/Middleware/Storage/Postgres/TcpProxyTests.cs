using System.Net.Sockets;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

public sealed class TcpProxyTests : IAsyncLifetime
{
    private const string Insert = "INSERT INTO kept VALUES (1)";

    private PostgresDatabase _database = null!;
    private TcpProxy _proxy = null!;
    private NpgsqlDataSource _source = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        await _database.ExecuteAsync("CREATE TABLE kept (a int)");
        _proxy = new TcpProxy(_database.Server.Port);
        _source = NpgsqlDataSource.Create(_database.ConnectionString(_proxy.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _proxy.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Rows_larger_than_any_buffer_come_as_they_are()
    {
        await using var session = await OpenAsync();
        await using var command = new NpgsqlCommand("SELECT repeat(chr(97 + n), 200000) FROM generate_series(0, 9) AS n", session);
        await using var reader = await command.ExecuteReaderAsync(Waiting.Cancellation);

        for (var row = 0; row < 10; row++)
        {
            Assert.True(await reader.ReadAsync(Waiting.Cancellation));
            Assert.Equal(new string((char)('a' + row), 200_000), reader.GetString(0));
        }
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_cut_resets_the_connections_that_there_are()
    {
        await using var waiting = await OpenAsync();
        await using var idle = await OpenAsync();
        var sleeping = RunAsync(waiting, "SELECT pg_sleep(100)");
        await Waiting.Until(() => _database.ScalarAsync<bool>($"SELECT wait_event = 'PgSleep' IS TRUE FROM pg_stat_activity WHERE pid = {waiting.ProcessID}"));

        _proxy.Cut();

        await AssertReset(sleeping);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => RunAsync(idle, Insert));
        await using var later = await OpenAsync();
        await RunAsync(later, Insert);
    }

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("simple")]
    [InlineData("prepared")]
    [InlineData("batch with BEGIN and COMMIT")]
    [InlineData("batch without BEGIN")]
    [InlineData("statement without BEGIN")]
    public async Task The_reply_to_a_commit_is_dropped_once_and_the_server_has_committed(string form)
    {
        await using var session = await OpenAsync();
        var dropped = _proxy.DropCommitReplyAsync();

        await AssertReset(CommitAsync(session, form));

        await dropped.InTime();
        Assert.Equal(1, await KeptAsync());
        await using var later = await OpenAsync();
        await CommitAsync(later, form);
        Assert.Equal(2, await KeptAsync());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task What_commits_nothing_keeps_its_reply()
    {
        await using var session = await OpenAsync();
        var dropped = _proxy.DropCommitReplyAsync();

        await RunAsync(session, "SELECT a FROM kept");
        await RunAsync(session, "DELETE FROM kept");
        await using (var transaction = await session.BeginTransactionAsync(Waiting.Cancellation))
        {
            await RunAsync(session, Insert);
            await transaction.RollbackAsync(Waiting.Cancellation);
        }

        Assert.False(dropped.IsCompleted);
        await AssertReset(RunAsync(session, Insert));
        await dropped.InTime();
    }

    private static async Task CommitAsync(NpgsqlConnection session, string form)
    {
        switch (form)
        {
            case "simple":
                await using (var transaction = await session.BeginTransactionAsync(Waiting.Cancellation))
                {
                    await RunAsync(session, Insert);
                    await transaction.CommitAsync(Waiting.Cancellation);
                }

                break;
            case "prepared":
                await RunAsync(session, "BEGIN");
                await RunAsync(session, Insert);
                await using (var commit = new NpgsqlCommand("COMMIT", session))
                {
                    await commit.PrepareAsync(Waiting.Cancellation);
                    await commit.ExecuteNonQueryAsync(Waiting.Cancellation).InTime();
                }

                break;
            case "batch with BEGIN and COMMIT":
                await RunAsync(session, "BEGIN", Insert, "COMMIT");
                break;
            case "batch without BEGIN":
                await RunAsync(session, "SELECT 1", Insert, "SELECT 2");
                break;
            default:
                await RunAsync(session, Insert);
                break;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync() => await _source.OpenConnectionAsync(Waiting.Cancellation).InTime();

    private Task<long> KeptAsync() => _database.ScalarAsync<long>("SELECT COUNT(*) FROM kept");

    private static async Task RunAsync(NpgsqlConnection session, params string[] statements)
    {
        await using var batch = new NpgsqlBatch(session);
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        await batch.ExecuteNonQueryAsync(Waiting.Cancellation).InTime();
    }

    private static async Task AssertReset(Task command)
    {
        var fault = await Assert.ThrowsAsync<NpgsqlException>(() => command);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(Assert.IsType<IOException>(fault.InnerException).InnerException).SocketErrorCode);
    }
}
