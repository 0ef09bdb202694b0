using System.Globalization;
using Npgsql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>
/// A PostgreSQL server on the loopback and on a socket in its folder, always on the same port. Its settings are PostgreSQL's defaults but for the
/// number of connections. A test that stops it starts one of its own.
/// </summary>
internal sealed class PostgresServer(PostgresRun run, PostgresPrograms programs, string folder) : IAsyncDisposable
{
    public const string User = "tests";

    private const string Connections = "500";
    private const int Starts = 5;

    /// <summary>The folder of its socket, with its log.</summary>
    public string Folder => folder;

    public string DataFolder => Path.Combine(folder, "data");

    public int Port { get; private set; }

    /// <summary>Starts a server of the test's own, with settings such as <c>fsync=off</c>.</summary>
    public static async Task<PostgresServer> StartAsync(params string[] settings) => await (await PostgresRun.OfTheTestAsync()).StartServerAsync(settings);

    /// <summary>The way to one of its databases.</summary>
    public NpgsqlConnectionStringBuilder ConnectionTo(string database) => new()
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = User,
        Password = run.Password,
        Database = database,
    };

    /// <summary>Starts it for the first time, on a given port or on one that nobody has.</summary>
    public async Task StartFirstAsync(IEnumerable<string> settings, int? port = null)
    {
        string[] own = [$"max_connections={Connections}", "listen_addresses='127.0.0.1'", $"unix_socket_directories='{folder}'", .. settings];
        for (var left = Starts; ; left--)
        {
            Port = port ?? LoopbackPort.Free();
            await File.AppendAllLinesAsync(Path.Combine(DataFolder, "postgresql.conf"), [.. own, string.Create(CultureInfo.InvariantCulture, $"port={Port}")], Waiting.Cancellation);
            try
            {
                await StartAsync();
                return;
            }
            catch (InvalidOperationException) when (left > 1 && Log.Contains("Address already in use", StringComparison.Ordinal))
            {
                // Another process took the port in between; of a setting that is given twice the last holds.
            }
        }
    }

    /// <summary>Starts it again, and waits until it takes connections.</summary>
    public Task StartAsync() => ControlAsync("start", "-l", LogFile);

    /// <summary>Ends all connections and stops: what is committed is on the disk.</summary>
    public Task StopAsync() => ControlAsync("stop", "-m", "fast");

    /// <summary>Stops it and starts it again, as an operator does.</summary>
    public Task RestartAsync() => ControlAsync("restart", "-m", "fast", "-l", LogFile);

    /// <summary>Ends all its processes at once, as a loss of power does to them. The next start recovers from its log.</summary>
    public Task CrashAsync() => ControlAsync("stop", "-m", "immediate");

    /// <summary>Ends one session by its process, and waits until it has ended.</summary>
    public async Task TerminateAsync(int backend) =>
        Assert.True(await ScalarAsync<bool>(string.Create(CultureInfo.InvariantCulture, $"SELECT pg_terminate_backend({backend}, 30000)")));

    /// <summary>Copies it while it runs and starts the copy, on a given port or a free one. The copy follows it until it is promoted.</summary>
    public async Task<PostgresServer> StandbyAsync(int? port = null)
    {
        var standby = new PostgresServer(run, programs, run.FolderOfNext());
        await programs.RunAsync(folder, "mkdir", standby.Folder);
        await programs.RunAsync(
            folder, "pg_basebackup", "--host", folder, "--port", Port.ToString(CultureInfo.InvariantCulture), "--username", User, "--pgdata", standby.DataFolder,
            "--checkpoint", "fast", "--wal-method", "stream", "--write-recovery-conf", "--no-sync");
        await standby.StartFirstAsync([], port);
        return standby;
    }

    /// <summary>Makes a standby a server of its own, which takes writes.</summary>
    public Task PromoteAsync() => ControlAsync("promote");

    /// <summary>Runs a statement on a connection of its own to the database <c>postgres</c>.</summary>
    /// <returns>The first value of the answer.</returns>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        var connection = ConnectionTo("postgres");
        connection.Pooling = false;
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Waiting.Cancellation).InTime())!;
    }

    public Task ExecuteAsync(string sql) => ScalarAsync<object?>(sql);

    /// <summary>Stops it and deletes what it stored.</summary>
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(DataFolder, "postmaster.pid")))
        {
            await CrashAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private string LogFile => Path.Combine(folder, "log");

    private string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private Task ControlAsync(string operation, params string[] arguments) => programs.RunAsync(folder, "pg_ctl", [operation, "-D", DataFolder, "-w", "-s", .. arguments]);
}
