using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.Postgres;

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
        await Waiting.Until(() => proxy.ToServer.Holding > 0);
        try
        {
            await Task.Run(AsTheContainer, Waiting.Cancellation).WaitAsync(Soon, TimeProvider.System, Waiting.Cancellation);
        }
        finally
        {
            proxy.Resume();
        }

        // It disposes of the store for each service that it is.
        void AsTheContainer()
        {
            for (var service = 0; service < 6; service++)
            {
                store.Dispose();
            }
        }
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
}
