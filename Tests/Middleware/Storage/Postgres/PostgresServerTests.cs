using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>The servers that the tests of the PostgreSQL store run on.</summary>
public sealed class PostgresServerTests
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_server_of_a_test_has_the_defaults_that_make_a_commit_durable()
    {
        await using var server = await PostgresServer.StartAsync();

        Assert.Equal("on", await server.ScalarAsync<string>("SHOW fsync"));
        Assert.Equal("on", await server.ScalarAsync<string>("SHOW full_page_writes"));
        Assert.Equal("on", await server.ScalarAsync<string>("SHOW synchronous_commit"));
        Assert.Equal("500", await server.ScalarAsync<string>("SHOW max_connections"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Each_test_has_a_database_of_its_own_until_it_ends()
    {
        PostgresServer server;
        string name;
        await using (var one = await PostgresDatabase.CreateAsync())
        await using (var other = await PostgresDatabase.CreateAsync())
        {
            (server, name) = (one.Server, one.Name);
            Assert.Same(server, other.Server);
            await one.ExecuteAsync("CREATE TABLE mine (a int)");

            Assert.True(await one.ScalarAsync<bool>("SELECT to_regclass('mine') IS NOT NULL"));
            Assert.True(await other.ScalarAsync<bool>("SELECT to_regclass('mine') IS NULL"));
        }

        Assert.Equal(0, await server.ScalarAsync<long>($"SELECT COUNT(*) FROM pg_database WHERE datname = '{name}'"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_server_is_reached_with_the_password_alone()
    {
        await using var database = await PostgresDatabase.CreateAsync();

        var wrong = database.Server.ConnectionTo(database.Name);
        wrong.Password = "wrong";
        await using var refused = NpgsqlDataSource.Create(wrong);
        var fault = await Assert.ThrowsAsync<PostgresException>(async () => await refused.OpenConnectionAsync(Waiting.Cancellation));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, fault.SqlState);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_crash_and_a_restart_keep_the_port_and_what_is_committed_and_end_the_sessions()
    {
        await using var server = await PostgresServer.StartAsync();
        await server.ExecuteAsync("CREATE TABLE kept (a int)");
        await server.ExecuteAsync("INSERT INTO kept VALUES (1)");
        var port = server.Port;

        await EndsASessionAsync(server, server.CrashAsync);
        await server.StartAsync();
        Assert.Equal(1, await server.ScalarAsync<long>("SELECT COUNT(*) FROM kept"));

        await EndsASessionAsync(server, server.RestartAsync);
        Assert.Equal(1, await server.ScalarAsync<long>("SELECT COUNT(*) FROM kept"));

        await server.StopAsync();
        await Assert.ThrowsAsync<NpgsqlException>(() => server.ScalarAsync<long>("SELECT COUNT(*) FROM kept"));
        await server.StartAsync();
        Assert.Equal((1, port), (await server.ScalarAsync<long>("SELECT COUNT(*) FROM kept"), server.Port));
    }

    /// <summary>The kernel closes the pipe to the watching shell in the same way when the run is killed.</summary>
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Nothing_runs_and_no_file_is_left_after_a_run_that_stops_no_server()
    {
        await using var run = new PostgresRun();
        var server = await run.StartServerAsync();
        var stopped = await run.StartServerAsync();
        await stopped.StopAsync();

        await run.DisposeAsync();

        await Assert.ThrowsAsync<NpgsqlException>(() => server.ScalarAsync<int>("SELECT 1"));
        Assert.False(Directory.Exists(run.Folder));
    }

    private static async Task EndsASessionAsync(PostgresServer server, Func<Task> operation)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionTo("postgres"));
        await using var session = await source.OpenConnectionAsync(Waiting.Cancellation);
        await operation();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => AskAsync(session));
    }

    private static async Task AskAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        Assert.Equal(1, await command.ExecuteScalarAsync(Waiting.Cancellation).InTime());
    }
}
