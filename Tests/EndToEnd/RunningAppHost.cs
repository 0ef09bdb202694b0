using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Middleware.Callers;
using Tests.Middleware;
using Tests.Middleware.Storage.Postgres;

namespace Tests.EndToEnd;

/// <summary>
/// Both services as the AppHost runs them, on ports of their own, with the settings given. With <see cref="RunsReplicatedAttribute.Replicas"/> there are so
/// many of the middleware, on a database of their own in the place of the store that is given.
/// </summary>
internal sealed class RunningAppHost(params string[] settings) : IAsyncDisposable
{
    public const string MemoryStore = "ConnectionStrings:events=memory";

    private const string Middleware = "middleware";

    private readonly HashSet<string> _processes = [];
    private readonly TemporaryDirectory _data = new();
    private readonly string _key = KeyText.Generate();
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;
    private PostgresDatabase? _database;
    private MiddlewareClient? _events;
    private Receiver? _receiver;

    /// <summary>The names of the middleware's processes in the dashboard.</summary>
    public IReadOnlyCollection<string> Processes => _processes;

    public MiddlewareClient Events => _events ?? throw NotStarted();

    public Receiver Receiver => _receiver ?? throw NotStarted();

    public async ValueTask StartAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(Waiting.TestLimit), TimeProvider.System);
        string[] args = [$"DATA_DIR={_data.Path}", $"Parameters:admin-key={_key}", .. settings];
        if (RunsReplicatedAttribute.Replicas is > 1 and var replicas)
        {
            _database = await PostgresDatabase.CreateAsync();
            args = [.. args.Where(static setting => setting != MemoryStore), $"ConnectionStrings:events={_database.ConnectionString()}", $"REPLICAS={replicas}"];
        }

        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, limit.Token);
        _app = await _builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await SeeProcessesAsync(_app, limit.Token);

        // Clients of the application itself may try again by themselves; these show every answer.
        _events = new MiddlewareClient(EndpointOf(Middleware), _key);
        _receiver = new Receiver(EndpointOf("external-alerts"));
    }

    public Uri EndpointOf(string service) => (_app ?? throw NotStarted()).GetEndpoint(service, "http");

    /// <summary>Executes a command of the dashboard, of replicas on one of them.</summary>
    public Task<ExecuteCommandResult> ExecuteAsync(string resource, string command) =>
        (_app ?? throw NotStarted()).ResourceCommands.ExecuteCommandAsync(resource == Middleware ? _processes.First() : resource, command, Waiting.Cancellation);

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

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _data.Dispose();
    }

    /// <summary>Waits until each process of the middleware listens and is healthy. Aspire's proxy leads to those too that do not listen yet.</summary>
    private async Task SeeProcessesAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        await foreach (var shown in app.ResourceNotifications.WatchAsync(cancellationToken))
        {
            if (shown.Resource.Name == Middleware && shown.Snapshot.HealthStatus == HealthStatus.Healthy && _processes.Add(shown.ResourceId)
                && _processes.Count == RunsReplicatedAttribute.Replicas)
            {
                break;
            }
        }

        await Task.WhenAll(_processes.Select(async process =>
        {
            await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(process).WithCancellation(cancellationToken))
            {
                if (lines.Any(static line => line.Content.Contains("Now listening on: ", StringComparison.Ordinal)))
                {
                    break;
                }
            }
        }));
    }

    private static InvalidOperationException NotStarted() => new("The AppHost was not started.");
}

/// <summary>An AppHost for all tests of a class.</summary>
public abstract class SharedAppHost(params string[] settings) : IAsyncLifetime
{
    internal RunningAppHost AppHost { get; } = new(settings);

    public ValueTask InitializeAsync() => AppHost.StartAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return AppHost.DisposeAsync();
    }
}

/// <summary>Tests on one AppHost, which is as new for each of them.</summary>
public abstract class OnAnAppHost(SharedAppHost shared) : IAsyncLifetime
{
    private protected RunningAppHost AppHost => shared.AppHost;

    private protected MiddlewareClient Events => shared.AppHost.Events;

    private protected Receiver Receiver => shared.AppHost.Receiver;

    public virtual ValueTask InitializeAsync() => AppHost.ResetAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
