using Tests.Middleware.Storage.Postgres;

namespace Tests.Chaos;

/// <summary>A replica of the service as a process of its own, which reaches the database through a proxy of its own.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private const int Sigstop = 19;
    private const int Sigcont = 18;

    private readonly string[] _settings;
    private ServiceProcess? _process;

    public Replica(string name, PostgresDatabase database, TimeSpan adoptAfter)
    {
        (Name, Proxy, Address) = (name, new TcpProxy(database.Server.Port), new Uri($"http://127.0.0.1:{LoopbackPort.Free()}"));
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        _settings =
        [
            $"ConnectionStrings__events={database.ConnectionString(Proxy.Port)}", $"REPLICA_NAME={name}", $"ADOPT_AFTER={adoptAfter.TotalSeconds}s", $"ASPNETCORE_URLS={Address}",
            "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", "QUEUE_SIZE=1000000", "SHUTDOWN_TIMEOUT=15s", "AUTO_DISABLE_AFTER=1d",
        ];
    }

    public string Name { get; }

    /// <summary>The way to the database, on which the network can fail.</summary>
    public TcpProxy Proxy { get; }

    /// <summary>Where it listens, also after another start.</summary>
    public Uri Address { get; }

    public HttpClient Client { get; }

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
        _process = await ServiceProcess.StartAsync("Middleware.Api", _settings);
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
        await Proxy.DisposeAsync();
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
