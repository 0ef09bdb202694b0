using Tests.Middleware.Storage.Postgres;

namespace Tests.Chaos;

/// <summary>A replica of the service as a process of its own, which reaches the database through a proxy of its own.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private const int Sigstop = 19;
    private const int Sigcont = 18;

    private readonly string[] _settings;
    private readonly PostgresDatabase _database;
    private readonly TcpProxy[] _proxies;
    private readonly TimeSpan _clockAhead;
    private ServiceProcess? _process;

    /// <param name="name">Its name.</param>
    /// <param name="database">Its database.</param>
    /// <param name="adoptAfter">The service's setting <c>ADOPT_AFTER</c>.</param>
    /// <param name="clockAhead">The time by which its clock is ahead of that of the database; below zero for one that is behind.</param>
    /// <param name="serverPorts">The ports of all servers on which the database can be; nothing for that on which it is.</param>
    public Replica(string name, PostgresDatabase database, TimeSpan adoptAfter, TimeSpan clockAhead = default, params IReadOnlyCollection<int> serverPorts)
    {
        _clockAhead = clockAhead;
        _database = database;
        _proxies = [.. serverPorts.DefaultIfEmpty(database.Server.Port).Select(static port => new TcpProxy(port))];
        (Name, Address) = (name, new Uri($"http://127.0.0.1:{LoopbackPort.Free()}"));
        Client = new HttpClient { BaseAddress = Address };
        Hurried = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        _settings =
        [
            $"ConnectionStrings__events={database.ConnectionString([.. _proxies.Select(static proxy => proxy.Port)])}", $"REPLICA_NAME={name}", $"ADOPT_AFTER={adoptAfter.TotalSeconds}s", $"ASPNETCORE_URLS={Address}",
            "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", "QUEUE_SIZE=1000000", "SHUTDOWN_TIMEOUT=15s", "AUTO_DISABLE_AFTER=1d",
        ];
    }

    public string Name { get; }

    /// <summary>The way to the database, on which the network can fail.</summary>
    public TcpProxy Proxy => _proxies.First(proxy => proxy.ServerPort == _database.Server.Port);

    /// <summary>Where it listens, also after another start.</summary>
    public Uri Address { get; }

    /// <summary>The client of what must succeed: the first requests of a process may take long on a busy machine.</summary>
    public HttpClient Client { get; }

    /// <summary>The client of a load, which goes on when a replica does not answer.</summary>
    public HttpClient Hurried { get; }

    /// <summary>The process that runs, or that ran last.</summary>
    public ServiceProcess Process => _process!;

    /// <summary>True while it has a process.</summary>
    public bool IsUp { get; private set; }

    /// <summary>The lines of all its processes that ended.</summary>
    public List<string> Earlier { get; } = [];

    /// <summary>Starts it, and waits until it listens.</summary>
    public async Task StartAsync()
    {
        Forget();
        _process = await ServiceProcess.StartAsync("Middleware.Api", [.. _settings, .. await ShiftedClock.SettingsAsync(_clockAhead)]);
        IsUp = true;
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync()
    {
        IsUp = false;
        return Process.KillAsync();
    }

    /// <summary>SIGTERM; its exit code.</summary>
    public Task<int> StopAsync()
    {
        IsUp = false;
        return Process.StopAsync();
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Process.Signal(Sigstop);

    /// <summary>SIGCONT.</summary>
    public void GoOn() => Process.Signal(Sigcont);

    public async ValueTask DisposeAsync()
    {
        Forget();
        Client.Dispose();
        Hurried.Dispose();
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private void Forget()
    {
        IsUp = false;
        if (_process is { } ended)
        {
            Earlier.AddRange(ended.Output);
            Earlier.AddRange(ended.Errors);
            ended.Dispose();
            _process = null;
        }
    }
}
