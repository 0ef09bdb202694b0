using System.Globalization;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>A database of a test's own, on the server that all tests share or on a given one; dropped at its end.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>The schema of functions that SQLite has, for the SQL of tests alone: the product's connections do not see it.</summary>
    public const string SqliteNames = "sqlite_names";

    /// <summary>The name of the connections of tests, which the service's own do not have.</summary>
    public const string NameOfTests = "tests";

    private const string OfWaiting = "FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private static int Made;

    private PostgresDatabase(PostgresServer server, string name)
    {
        (Server, Name) = (server, name);
        Source = SourceOf(server, name);
    }

    public PostgresServer Server { get; private set; }

    public string Name { get; }

    /// <summary>Its connections by TCP.</summary>
    public NpgsqlDataSource Source { get; private set; }

    /// <summary>The value of <c>ConnectionStrings__events</c> for a service, by TCP on the server's port, or on others such as those of proxies.</summary>
    public string ConnectionString(params IReadOnlyCollection<int> ports)
    {
        var connection = Server.ConnectionTo(Name);
        if (ports.Count > 0)
        {
            connection.Host = string.Join(',', ports.Select(static port => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
        }

        return connection.ConnectionString;
    }

    /// <summary>Goes to the server that has taken the place of its own.</summary>
    public async Task MoveAsync(PostgresServer to)
    {
        await Source.DisposeAsync();
        (Server, Source) = (to, SourceOf(to, Name));
    }

    /// <summary>Creates one that is empty, or the copy of one that nobody has open.</summary>
    public static async Task<PostgresDatabase> CreateAsync(PostgresServer? server = null, PostgresDatabase? of = null)
    {
        server ??= of?.Server ?? await (await PostgresRun.OfTheTestAsync()).SharedServer;
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref Made)}");
        of?.Source.Clear();

        // A copy of the files takes a fifth of the time of the default.
        await server.ExecuteAsync($"CREATE DATABASE {name}{(of is null ? "" : $" TEMPLATE {of.Name}")} STRATEGY file_copy");
        var database = new PostgresDatabase(server, name);
        if (of is null)
        {
            await database.ExecuteAsync(
                $"""
                CREATE SCHEMA {SqliteNames};
                CREATE FUNCTION {SqliteNames}.hex(BYTEA) RETURNS TEXT IMMUTABLE LANGUAGE SQL AS $$ SELECT upper(encode($1, 'hex')) $$;
                CREATE FUNCTION {SqliteNames}.blob(BYTEA) RETURNS BYTEA IMMUTABLE LANGUAGE SQL AS $$ SELECT $1 $$;
                CREATE FUNCTION {SqliteNames}.blob(TEXT) RETURNS BYTEA IMMUTABLE LANGUAGE SQL AS $$ SELECT convert_to($1, 'UTF8') $$;
                CREATE FUNCTION {SqliteNames}.blob(BIGINT) RETURNS BYTEA IMMUTABLE LANGUAGE SQL AS $$ SELECT int8send($1) $$
                """);
        }

        return database;
    }

    /// <summary>True when only tests are connected.</summary>
    public Task<bool> IsFreeAsync() =>
        ScalarAsync<bool>($"SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> '{NameOfTests}')");

    /// <summary>True when a session waits for a lock; waits for the answer on the calling thread.</summary>
    public bool IsAnyoneWaiting() => WaitingForLocks() > 0;

    /// <summary>The number of sessions that wait for a lock; waits for the answer on the calling thread.</summary>
    public long WaitingForLocks()
    {
        using var count = Source.CreateCommand($"SELECT count(*) {OfWaiting}");
        return (long)count.ExecuteScalar()!;
    }

    /// <summary>Ends the sessions that wait for a lock.</summary>
    public Task EndWaitingAsync() => ExecuteAsync($"SELECT pg_terminate_backend(pid) {OfWaiting}");

    /// <summary>Runs a statement.</summary>
    /// <returns>The first value of the answer.</returns>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Waiting.Cancellation).InTime())!;
    }

    public Task ExecuteAsync(string sql) => ScalarAsync<object?>(sql);

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Server.ExecuteAsync($"DROP DATABASE {Name} WITH (FORCE)");
    }

    private static NpgsqlDataSource SourceOf(PostgresServer server, string name)
    {
        var connection = server.ConnectionTo(name);
        connection.ApplicationName = NameOfTests;
        return NpgsqlDataSource.Create(connection);
    }
}
