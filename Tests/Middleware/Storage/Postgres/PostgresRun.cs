using System.Diagnostics;
using System.Security.Cryptography;
using Tests.Middleware.Storage.Postgres;
using Tests.Supply;

[assembly: AssemblyFixture(typeof(PostgresRun))]

namespace Tests.Middleware.Storage.Postgres;

/// <summary>
/// The PostgreSQL servers of a run of tests. The first test that needs one makes their folder. At the end of the run, also of a killed one, a
/// watching shell stops the servers that still run and deletes the folder.
/// </summary>
internal sealed class PostgresRun : IAsyncDisposable
{
    private const string Template = "template";

    // "read" ends with the process at the other end of the pipe. $0 is the folder, $@ is pg_ctl. A program that a killed run has started, such as a copy,
    // can still write to the folder.
    private const string Watch = """
        trap '' HUP INT TERM
        read -r _
        for time in 1 2 3 4 5; do
          for data in "$0"/*/data; do
            if [ -f "$data/postmaster.pid" ]; then
              "$@" -D "$data" -m immediate -t 10 -s stop || kill -9 "$(head -n 1 "$data/postmaster.pid")"
            fi
          done
          rm -rf "$0" && break
          sleep 1
        done
        """;

    private readonly Lazy<Task<PostgresServer>> _shared;
    private readonly Lazy<Task> _prepared;
    private PostgresPrograms _programs = null!;
    private Process? _watch;
    private int _servers;

    public PostgresRun()
    {
        _prepared = new(PrepareAsync);

        // Hundreds of databases do not wait for the disk. Tests end services and servers, and no machine.
        _shared = new(() => StartServerAsync("fsync=off"));
    }

    /// <summary>True when databases stand for the folders of stores: <c>TEST_STORE=postgres</c>.</summary>
    public static bool HoldsStores { get; } = Environment.GetEnvironmentVariable("TEST_STORE") == "postgres";

    /// <summary>The folder of all servers, once there is one.</summary>
    public string? Folder { get; private set; }

    /// <summary>The password of the user <c>tests</c>, who may do all on each server.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(32);

    /// <summary>The server that all tests share, each with a database of its own.</summary>
    public Task<PostgresServer> SharedServer => _shared.Value;

    /// <summary>The run of the test.</summary>
    public static async Task<PostgresRun> OfTheTestAsync() => (await TestContext.Current.GetFixture<PostgresRun>())!;

    /// <summary>Starts a server with settings such as <c>fsync=off</c>, on a folder of its own.</summary>
    public async Task<PostgresServer> StartServerAsync(params string[] settings)
    {
        _programs = PostgresPrograms.Find();
        await _prepared.Value;
        var server = new PostgresServer(this, _programs, FolderOfNext());
        await _programs.RunAsync(Folder!, "mkdir", server.Folder);
        await _programs.RunAsync(Folder!, "cp", "-a", Path.Combine(Folder!, Template), server.DataFolder);
        await server.StartFirstAsync(settings);
        return server;
    }

    /// <summary>The folder for another server.</summary>
    public string FolderOfNext() => Path.Combine(Folder!, $"server{Interlocked.Increment(ref _servers)}");

    /// <summary>Waits until all is stopped and deleted, by the way that is also taken when the run is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_watch is { } watch)
        {
            _watch = null;
            watch.StandardInput.Close();
            await watch.WaitForExitAsync(CancellationToken.None);
            watch.Dispose();
        }
    }

    private async Task PrepareAsync()
    {
        Folder = Directory.CreateTempSubdirectory("aspire-integration-postgres-").FullName;
        _watch = Process.Start(new ProcessStartInfo("sh", ["-c", Watch, Folder, .. _programs.CommandOf("pg_ctl")]) { RedirectStandardInput = true, WorkingDirectory = Folder });
        var password = Path.Combine(Folder, "password");
        await File.WriteAllTextAsync(password, Password, Waiting.Cancellation);
        if (_programs.Owner is { } owner)
        {
            var (exitCode, output) = await Command.RunAsync(Folder, "chown", ["-R", owner, Folder]);
            Assert.True(exitCode == 0, output);
        }

        // What is not on the disk yet is lost with the machine alone. The hash of SCRAM would cost 3 ms of each of thousands of connections.
        await _programs.RunAsync(
            Folder, "initdb", "--pgdata", Template, "--username", PostgresServer.User, "--pwfile", password, "--auth-local", "trust", "--auth-host", "md5",
            "--encoding", "UTF8", "--no-locale", "--no-sync");
    }
}
