using Tests.Middleware.Storage;

namespace Tests.Middleware;

/// <summary>A middleware in a process of its own, on a folder that outlives it. It has no built-in endpoint and may send to this machine.</summary>
internal sealed class RunningMiddleware : IDisposable
{
    public const string InMemory = "ConnectionStrings__events=memory";

    /// <summary>A heap of 384 MiB.</summary>
    public const string SmallHeap = "DOTNET_GCHeapHardLimit=18000000";

    private readonly StoreFolder _folder = new();
    private readonly string[] _settings;
    private ServiceProcess? _process;

    private RunningMiddleware(string[] settings) =>
        _settings = [.. StoreFolder.Settings(_folder.Path), "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", .. settings];

    public MiddlewareClient Client { get; private set; } = null!;

    public ServiceProcess Process => _process!;

    public string Folder => _folder.Path;

    public static async Task<RunningMiddleware> StartAsync(params string[] settings)
    {
        var middleware = new RunningMiddleware(settings);
        try
        {
            await middleware.StartProcessAsync();
            return middleware;
        }
        catch
        {
            middleware.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL, and another process on what it left.</summary>
    public async Task KillAndStartAsync()
    {
        await _process!.KillAsync();
        EndProcess();
        await StartProcessAsync();
    }

    /// <summary>SIGTERM: what is under way comes to its end.</summary>
    public Task<int> StopAsync() => _process!.StopAsync();

    public void Dispose()
    {
        EndProcess();
        _folder.Dispose();
    }

    private async Task StartProcessAsync()
    {
        _process = await ServiceProcess.StartAsync("Middleware.Api", _settings);
        Client = new MiddlewareClient(_process.Address);
    }

    private void EndProcess()
    {
        Client?.Dispose();
        _process?.Dispose();
        _process = null;
    }
}
