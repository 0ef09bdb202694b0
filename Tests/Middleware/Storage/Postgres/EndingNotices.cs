using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Storage.Postgres;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>A stop in the moment in which a replica begins to listen for the notices of others.</summary>
public sealed class EndingNotices
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task It_waits_for_the_answer_that_is_under_way()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var proxy = new TcpProxy(database.Server.Port);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString(proxy.Port));
        await (await source.OpenConnectionAsync(Waiting.Cancellation)).DisposeAsync();
        var notices = new PostgresNotices(source, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();

        proxy.ToClient.Close();
        var waiting = notices.WaitAsync(stop.Token);
        await Waiting.Until(() => proxy.ToClient.Holding == 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var ending = notices.DisposeAsync().AsTask();
        proxy.ToClient.Open();

        await ending.InTime();
    }
}
