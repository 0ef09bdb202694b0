using System.Globalization;
using Tests;
using static System.FormattableString;

namespace Bench.Processes;

/// <summary>Starts the processes a scenario needs: the published service, the baselines, the receiver. Each is a process of its own, so that CPU and memory can be told apart.</summary>
internal sealed class TestBed : IDisposable
{
    private static readonly IPEndPoint Nowhere = new(IPAddress.None, 0);

    private readonly Repository _repository;
    private readonly Options _options;
    private readonly Dictionary<string, string> _collector;
    private readonly string _data;
    private int _started;

    private TestBed(Repository repository, Options options, string service)
    {
        _repository = repository;
        _options = options;
        Service = service;
        _collector = repository.CollectorOf(service);
        _data = Path.Combine(repository.Output, Invariant($"data-{Environment.ProcessId}"));
    }

    public static async Task<TestBed> CreateAsync(Repository repository, Options options, CancellationToken cancellationToken)
    {
        repository.ForgetLogs();
        var service = options.Command == "profile"
            ? await repository.BuildAsync("Middleware.Api", cancellationToken)
            : await repository.PublishAsync("Middleware.Api", options.Native, cancellationToken);
        return new(repository, options, service);
    }

    /// <summary>The executable of this checkout.</summary>
    public string Service { get; }

    /// <summary>The static profile that native code of the service is compiled by.</summary>
    public string Profile => _repository.Profile;

    /// <summary>Publishes the service as native code and answers its executable.</summary>
    public Task<string> PublishNativeAsync(CancellationToken cancellationToken) => _repository.PublishAsync("Middleware.Api", native: true, cancellationToken);

    /// <summary>Publishes the service of another checkout and answers its executable.</summary>
    public Task<string> PublishAgainstAsync(string checkout, CancellationToken cancellationToken) =>
        _repository.PublishAgainstAsync(checkout, "Middleware.Api", _options.Native, cancellationToken);

    /// <summary>A folder of its own; as the setting <c>DATA_DIR</c> it outlives a process.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_data, Text(++_started))).FullName;

    /// <summary>The service, ready; with an empty store unless it is given a folder, and without a built-in endpoint unless it is given a receiver.</summary>
    public Task<ServiceProcess> MiddlewareAsync(
        ReceiverProcess? receiver, Dictionary<string, string> settings, CancellationToken cancellationToken) =>
        MiddlewareAsync(Service, receiver, settings, cancellationToken);

    /// <summary>The same of another executable.</summary>
    public Task<ServiceProcess> MiddlewareAsync(
        string executable, ReceiverProcess? receiver, Dictionary<string, string> settings, CancellationToken cancellationToken) =>
        ReadyAsync(BeginMiddleware(executable, receiver, settings), "/health/ready", cancellationToken);

    /// <summary>The console of a service, ready. In Development, where nobody signs in.</summary>
    public async Task<ServiceProcess> ConsoleAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        var executable = await _repository.PublishAsync("Console", native: false, cancellationToken);
        var address = FreeAddress();
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = $"http://{address}",
            ["MIDDLEWARE_URL"] = $"http://{service.Address}",
            ["DATA_DIR"] = NewFolder(),
        };
        return await ReadyAsync(ServiceProcess.Start("console", _repository.Log("console"), address, [executable], environment), "/health/ready", cancellationToken);
    }

    /// <summary>Starts the same and waits for nothing.</summary>
    public ServiceProcess BeginMiddleware(string executable, ReceiverProcess? receiver, Dictionary<string, string> settings)
    {
        var address = FreeAddress();
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["AUTH"] = "off",
            ["PORT"] = Text(address.Port),
            ["DATA_DIR"] = settings.GetValueOrDefault("DATA_DIR") ?? NewFolder(),
            ["EXTERNAL_ENDPOINT_URL"] = receiver?.Target.ToString() ?? "",
            ["QUEUE_SIZE"] = "20000000",
            ["WORKER_COUNT"] = Text(_options.Workers),
            ["ALLOWED_NETWORKS"] = "127.0.0.0/8",
            ["HTTP_TIMEOUT"] = "5m",
            ["SHUTDOWN_TIMEOUT"] = "1s",
            ["TMPDIR"] = _data,
        };
        if (!_options.Sqlite)
        {
            // The store is then a temporary file: on the disk of the durable one, and gone with its folder when the process is killed.
            environment["ConnectionStrings__events"] = "memory";
        }

        if (_options.Logging is LoggingMode.Off)
        {
            environment["Logging__LogLevel__Default"] = "None";
        }

        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return Start(executable == Service ? "middleware" : "other", address, [executable], environment);
    }

    /// <summary>The bar for accepting, with the garbage collector the service has.</summary>
    public Task<ServiceProcess> BareAsync(CancellationToken cancellationToken) => ItselfAsync("bare", "serve-bare", _collector, "/", cancellationToken);

    /// <summary>The sink of exported telemetry.</summary>
    public Task<ServiceProcess> CollectorAsync(CancellationToken cancellationToken) => ItselfAsync("collector", "collect", [], "/", cancellationToken);

    public async Task<ReceiverProcess> ReceiverAsync(CancellationToken cancellationToken) =>
        new(await ItselfAsync("receiver", "receive", [], "/control/stats", cancellationToken));

    /// <summary>The bar for delivering, with the garbage collector the service has; it starts to send at once.</summary>
    public ServiceProcess Raw(ReceiverProcess receiver, long events) => Start(
        "raw", Nowhere, [.. Itself, "raw-deliver", receiver.Target.ToString(), Text(_options.Workers), Text(events)], _collector);

    public void Dispose()
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    private static string[] Itself =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet"
            ? [Environment.ProcessPath!, typeof(TestBed).Assembly.Location]
            : [Environment.ProcessPath ?? throw new BenchException("the path of this program is not known")];

    /// <summary>A process of this program with a command that listens on a port, ready once it answers on a path.</summary>
    private Task<ServiceProcess> ItselfAsync(string name, string command, Dictionary<string, string> environment, string path, CancellationToken cancellationToken)
    {
        var address = FreeAddress();
        return ReadyAsync(Start(name, address, [.. Itself, command, Text(address.Port)], environment), path, cancellationToken);
    }

    private ServiceProcess Start(string name, IPEndPoint address, string[] command, Dictionary<string, string> environment) =>
        ServiceProcess.Start(name, _repository.Log(Invariant($"{name}-{++_started}")), address, command, environment);

    private static async Task<ServiceProcess> ReadyAsync(ServiceProcess process, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await process.UntilReadyAsync(path, cancellationToken);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static IPEndPoint FreeAddress() => new(IPAddress.Loopback, LoopbackPort.Free());

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
