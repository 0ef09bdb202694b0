using Tests.Middleware.Storage.Postgres;

namespace Tests.Chaos;

/// <summary>The server of a run, and the standbys that take its place: two ports in turn, so that replicas know both.</summary>
internal sealed class ChaosServers : IAsyncDisposable
{
    private PostgresServer _server;
    private PostgresServer? _standby;

    private ChaosServers(PostgresServer server, PostgresDatabase database) => (_server, Database, Ports) = (server, database, [server.Port, LoopbackPort.Free()]);

    /// <summary>The database of the run, on the server that has it now.</summary>
    public PostgresDatabase Database { get; }

    /// <summary>The port of the server and that of its standby, at first.</summary>
    public IReadOnlyList<int> Ports { get; }

    public static async Task<ChaosServers> StartAsync(PostgresRun run)
    {
        var server = await run.StartServerAsync();
        return new ChaosServers(server, await PostgresDatabase.CreateAsync(server));
    }

    /// <summary>Starts a standby which has each commit before it is answered.</summary>
    public async Task FollowAsync()
    {
        _standby = await _server.StandbyAsync(Ports.First(port => port != _server.Port));
        await _server.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await _server.ExecuteAsync("SELECT pg_reload_conf()");
        await Waiting.Until(() => _server.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync')"));
    }

    /// <summary>Lets the standby fall behind: it gets nothing from now on, and commits do not wait for it.</summary>
    public async Task FallBehindAsync()
    {
        await _server.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await _server.ExecuteAsync("SELECT pg_reload_conf()");
        await _standby!.ExecuteAsync("ALTER SYSTEM SET primary_conninfo = ''");
        await _standby.ExecuteAsync("SELECT pg_reload_conf()");
        await Waiting.Until(() => _server.ScalarAsync<bool>("SELECT NOT EXISTS (SELECT 1 FROM pg_stat_replication)"));
    }

    /// <summary>Ends the server at once and promotes its standby.</summary>
    public async Task FailOverAsync()
    {
        await _server.CrashAsync();
        await _standby!.PromoteAsync();
        await Database.MoveAsync(_standby);
        await _server.DisposeAsync();
        (_server, _standby) = (_standby, null);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _server.DisposeAsync();
        if (_standby is not null)
        {
            await _standby.DisposeAsync();
        }
    }
}
