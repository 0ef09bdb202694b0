using System.Globalization;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>A database of a test's own, on the server that all tests share or on a given one; dropped at its end.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private static int Made;

    private PostgresDatabase(PostgresServer server, string name)
    {
        (Server, Name) = (server, name);
        Source = NpgsqlDataSource.Create(server.ConnectionTo(name));
    }

    public PostgresServer Server { get; }

    public string Name { get; }

    /// <summary>Its connections by TCP.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>The value of <c>ConnectionStrings__events</c> for a service, by TCP on a port such as a proxy's.</summary>
    public string ConnectionString(int? port = null)
    {
        var connection = Server.ConnectionTo(Name);
        connection.Port = port ?? Server.Port;
        return connection.ConnectionString;
    }

    public static async Task<PostgresDatabase> CreateAsync(PostgresServer? server = null)
    {
        server ??= await (await PostgresRun.OfTheTestAsync()).SharedServer;
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref Made)}");
        await server.ExecuteAsync($"CREATE DATABASE {name}");
        return new PostgresDatabase(server, name);
    }

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
}
