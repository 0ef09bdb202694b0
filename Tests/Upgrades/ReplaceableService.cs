namespace Tests.Upgrades;

/// <summary>A service whose processes follow one another at one address and on one store, each of another version maybe.</summary>
internal sealed class ReplaceableService : IAsyncDisposable
{
    private readonly string[] _settings;
    private ServiceProcess? _process;

    public ReplaceableService(string name, IEnumerable<string> settings)
    {
        (Name, Address) = (name, new Uri($"http://127.0.0.1:{LoopbackPort.Free()}"));
        _settings = [$"ASPNETCORE_URLS={Address}", $"REPLICA_NAME={name}", .. settings];
        Client = new HttpClient { BaseAddress = Address };
    }

    public string Name { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>Starts a process, and waits until it is ready.</summary>
    /// <param name="from">The folder of another version that was published; null for that of this build.</param>
    public async Task StartAsync(string? from = null)
    {
        _process = await ServiceProcess.StartFromAsync(from, "Middleware.Api", _settings);
        await Waiting.Until(async () =>
        {
            using var answer = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), Waiting.Cancellation);
            return answer.IsSuccessStatusCode;
        });
    }

    /// <summary>SIGTERM; its exit code, and the lines that are errors.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Errors)> StopAsync()
    {
        var exitCode = await _process!.StopAsync();
        string[] errors =
        [
            .. _process.Errors,
            .. _process.Output.Where(static line => line.Contains("\"level\":\"error\"", StringComparison.Ordinal) || line.Contains("\"level\":\"critical\"", StringComparison.Ordinal)),
        ];
        Forget();
        return (exitCode, errors);
    }

    public ValueTask DisposeAsync()
    {
        Forget();
        Client.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Forget()
    {
        _process?.Dispose();
        _process = null;
    }
}
