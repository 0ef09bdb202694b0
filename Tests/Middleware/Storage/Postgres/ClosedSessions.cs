using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.Postgres;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Work on the sessions of a replica that stops.</summary>
public sealed class ClosedSessions
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(8);

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_database_that_does_not_answer_holds_up_no_stop()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var proxy = new TcpProxy(database.Server.Port);
        using var store = Made.Store(database, TimeProvider.System, port: proxy.Port);
        await store.OpenAsync(new RecordingSink(), Waiting.Cancellation);
        proxy.Stall();

        // It asks for what others committed, and gets no answer.
        await DisposeAsTheContainerAsync(store, proxy);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_read_that_gets_no_answer_is_waited_for_once()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var proxy = new TcpProxy(database.Server.Port);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString(proxy.Port));
        using var sql = new PostgresSql(source.OpenConnection);
        sql.Prepare("SELECT 1").Run();
        proxy.Stall();
        var read = Task.Run(() => sql.Prepare("SELECT 1").Scalar(), Waiting.Cancellation);
        await DisposeAsTheContainerAsync(sql, proxy);

        Assert.Equal(1, await read.InTime());
    }

    [Fact]
    public async Task Work_that_comes_after_the_end_fails()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var engine = new PostgresEngine(
            new StoreSettings(IsMemory: false, "") { Postgres = Made.Postgres(database) }, TimeProvider.System, NullLogger<PostgresEngine>.Instance);
        var writer = engine.Open();
        var before = engine.OnSessionAsync(static session => session.Backend);

        writer.Dispose();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => before.InTime());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => engine.OnSessionAsync(static session => session.Backend).InTime());
    }

    /// <summary>Disposes of a store for each service that it is, once the stalled proxy holds a question, and lets the answer come.</summary>
    private static async Task DisposeAsTheContainerAsync(IDisposable store, TcpProxy stalled)
    {
        await Waiting.Until(() => stalled.ToServer.Holding > 0);
        try
        {
            await Task.Run(
                () =>
                {
                    for (var service = 0; service < 6; service++)
                    {
                        store.Dispose();
                    }
                },
                Waiting.Cancellation).WaitAsync(Soon, TimeProvider.System, Waiting.Cancellation);
        }
        finally
        {
            stalled.Resume();
        }
    }
}
