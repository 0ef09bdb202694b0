using Microsoft.Extensions.Configuration;
using Middleware.Storage.Postgres;
using Npgsql;
using ServiceDefaults.Settings;

namespace Tests.Middleware.Storage.Postgres;

public sealed class PostgresSettingsTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(3, 3)]
    [InlineData(60, 10)]
    public async Task A_session_is_opened_within_the_time_after_which_lanes_are_adopted(int timeout, int seconds)
    {
        var settings = PostgresSettings.Read($"Host=db;Timeout={timeout}", new SettingsReader(new ConfigurationBuilder().Build()), out _)!;
        await using var sessions = settings.CreateSessions();

        Assert.Equal(seconds, new NpgsqlConnectionStringBuilder(sessions.ConnectionString).Timeout);
    }
}
