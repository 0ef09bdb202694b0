using Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Postgres;

public sealed class PostgresNotifierTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(100, 10)]
    [InlineData(500, 32)]
    [InlineData(1_010, 65)]
    [InlineData(60_000, 100)]
    public void A_busy_server_is_notified_less_often(int microseconds, int pause) =>
        Assert.Equal(TimeSpan.FromMilliseconds(pause), PostgresNotifier.PauseAfter(TimeSpan.FromMicroseconds(microseconds)));
}
