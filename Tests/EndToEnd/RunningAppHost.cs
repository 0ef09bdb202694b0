using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Middleware.Callers;
using Tests.Middleware;

namespace Tests.EndToEnd;

/// <summary>Both services as the AppHost runs them, on ports of their own, with the settings given.</summary>
internal sealed class RunningAppHost(params string[] settings) : IAsyncDisposable
{
    public const string MemoryStore = "ConnectionStrings:events=memory";

    private readonly TemporaryDirectory _data = new();
    private readonly string _key = KeyText.Generate();
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;
    private MiddlewareClient? _events;
    private Receiver? _receiver;

    public MiddlewareClient Events => _events ?? throw NotStarted();

    public Receiver Receiver => _receiver ?? throw NotStarted();

    public async ValueTask StartAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(Waiting.TestLimit), TimeProvider.System);
        string[] args = [$"DATA_DIR={_data.Path}", $"Parameters:admin-key={_key}", .. settings];
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, limit.Token);
        _app = await _builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("middleware", limit.Token);

        // Clients of the application itself may try again by themselves; these show every answer.
        _events = new MiddlewareClient(EndpointOf("middleware"), _key);
        _receiver = new Receiver(EndpointOf("external-alerts"));
    }

    public Uri EndpointOf(string service) => (_app ?? throw NotStarted()).GetEndpoint(service, "http");

    /// <summary>Executes a command of the dashboard.</summary>
    public Task<ExecuteCommandResult> ExecuteAsync(string resource, string command) =>
        (_app ?? throw NotStarted()).ResourceCommands.ExecuteCommandAsync(resource, command, Waiting.Cancellation);

    /// <summary>Waits until the dashboard shows a resource as it is wanted.</summary>
    public Task SeeStateAsync(string resource, Func<CustomResourceSnapshot, bool> wanted) =>
        (_app ?? throw NotStarted()).ResourceNotifications.WaitForResourceAsync(resource, shown => wanted(shown.Snapshot), Waiting.Cancellation);

    /// <summary>Makes it as new for the next test, whatever the last one has left. With one worker, what is posted last is last.</summary>
    public async ValueTask ResetAsync()
    {
        await Receiver.BehaveAsync();
        var last = await Waiting.SeeAsync(Events.TryAccept, static id => id is not null, "the queue has room");
        await Receiver.AlertAsync(last!);
        await Events.LookWhenEnded(last!);
        await Receiver.ForgetAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _events?.Dispose();
        _receiver?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_builder is not null)
        {
            await _builder.DisposeAsync();
        }

        _data.Dispose();
    }

    private static InvalidOperationException NotStarted() => new("The AppHost was not started.");
}
