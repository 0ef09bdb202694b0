using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Storage.Postgres;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

public sealed class PostgresNotifierTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(78, 10)]
    [InlineData(250, 32)]
    [InlineData(505, 65)]
    [InlineData(60_000, 100)]
    public void A_busy_server_is_notified_less_often(int microseconds, int pause) =>
        Assert.Equal(TimeSpan.FromMilliseconds(pause), PostgresNotifier.PauseAfter(TimeSpan.FromMicroseconds(microseconds)));

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_notice_comes_and_leaves_no_warning_in_the_log_of_the_server()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var source = NpgsqlDataSource.Create(server.ConnectionTo("postgres"));
        await using var listening = await source.OpenConnectionAsync(Waiting.Cancellation);
        await using (var listen = new NpgsqlCommand("LISTEN test", listening))
        {
            await listen.ExecuteNonQueryAsync(Waiting.Cancellation);
        }

        var notices = new List<string>();
        listening.Notification += (_, notice) => notices.Add(notice.Payload);
        await using var notifier = new PostgresNotifier(source, "test", static () => "7", Made.Defects(TimeProvider.System), TimeProvider.System, NullLogger.Instance);
        notifier.Start();
        notifier.Notify();
        await listening.WaitAsync(Waiting.Cancellation).InTime();

        Assert.Equal(["7"], notices);
        Assert.DoesNotContain("WARNING", await File.ReadAllTextAsync(Path.Combine(server.Folder, "log"), Waiting.Cancellation), StringComparison.Ordinal);
    }
}
