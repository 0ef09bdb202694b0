using Middleware.Callers;
using Tests.Middleware;

namespace Tests.Console.Operating;

/// <summary>A middleware, a receiver and a console, each in a process of its own and outside Development, as they are deployed.</summary>
internal sealed class DeployedConsole : IAsyncDisposable
{
    private readonly TemporaryDirectory _data = TemporaryDirectory.OpenToPrograms();
    private string[] _settings = [];
    private ServiceProcess _receiver = null!;
    private ServiceProcess _middleware = null!;
    private ServiceProcess _console = null!;

    public string AdminKey { get; } = KeyText.Generate();

    public Uri Address => _console.Address;

    public Uri Middleware => _middleware.Address;

    public Uri Receiver => new(_receiver.Address, "/external/alerts");

    public EndToEnd.Receiver Received { get; private set; } = null!;

    /// <summary>The middleware as its admin asks it.</summary>
    public MiddlewareClient Client { get; private set; } = null!;

    public static async Task<DeployedConsole> StartAsync(params string[] settings)
    {
        var stage = new DeployedConsole();
        try
        {
            stage._receiver = await ServiceProcess.StartAsync("ExternalAlerts.Api");
            stage.Received = new EndToEnd.Receiver(stage._receiver.Address);
            stage._settings = [
                $"ASPNETCORE_URLS=http://127.0.0.1:{LoopbackPort.Free()}", $"DATA_DIR={stage._data.Path}", $"ADMIN_KEY={stage.AdminKey}",
                $"MASTER_KEY=k1 {Convert.ToBase64String(new byte[32])}", "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", "MAX_RETRIES=0",
                "REDELIVERY_SCHEDULE=", .. settings,
            ];
            await stage.StartMiddlewareAsync();
            stage.Client = new MiddlewareClient(stage.Middleware, stage.AdminKey);
            stage._console = await ServiceProcess.StartAsync("Console", $"DATA_DIR={stage._data.Path}", $"MIDDLEWARE_URL={stage.Middleware}", "CONSOLE_TRACE_URL=https://traces.example.com/{trace_id}");
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the middleware by SIGKILL. It can be started again on what it left, at the same address.</summary>
    public async Task KillMiddlewareAsync()
    {
        await _middleware.KillAsync();
        _middleware.Dispose();
    }

    public async Task StartMiddlewareAsync() => _middleware = await ServiceProcess.StartAsync("Middleware.Api", _settings);

    public async Task<string> CreateAsync(string name, Uri url) =>
        (await Client.Register(new JsonObject { ["name"] = name, ["url"] = url.ToString(), ["workers"] = 20 }.ToJsonString())).Id;

    /// <summary>Has an event accepted, in a trace.</summary>
    public Task AcceptAsync(string message, string traceParent) => Client.PostAsync(EventOf(message).ToJsonString(), $"traceparent: {traceParent}").HasStatus(HttpStatusCode.OK);

    /// <summary>Has events accepted, a hundred a request.</summary>
    public async Task AcceptAsync(int count)
    {
        for (var from = 0; from < count; from += 100)
        {
            var events = new JsonArray([.. Enumerable.Range(from, Math.Min(100, count - from)).Select(static number => (JsonNode)EventOf($"payment {number}"))]);
            await Client.Ask(HttpMethod.Post, "/integrations/events/batch", HttpStatusCode.OK, events.ToJsonString());
        }
    }

    public async Task UntilDeadAsync(int count) =>
        await Waiting.Until(async () => (int)(await Client.Get("dead-letters/counts"))["total"]! == count);

    private static JsonObject EventOf(string message) => new() { ["source"] = "shop", ["event_type"] = "payment.failed", ["severity"] = "high", ["message"] = message };

    public ValueTask DisposeAsync()
    {
        foreach (var process in (ServiceProcess?[])[_console, _middleware, _receiver])
        {
            process?.Dispose();
        }

        Client?.Dispose();
        Received?.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }
}
