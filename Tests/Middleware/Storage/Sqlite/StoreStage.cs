using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Storage.Sqlite;

/// <summary>A store in a folder of its own with lanes and workers. It can be closed and opened again.</summary>
internal sealed class StoreStage : IAsyncDisposable
{
    public const int TestLimit = 60_000;

    private readonly StoreFolder _data = new();
    private readonly OwnMeters _meters = new();
    private SqlEventStore? _store;
    private LaneHost? _lanes;
    private CancellationTokenSource _closing = new();

    public IMeterFactory Meters => _meters.Factory;

    public TestClock Clock { get; } = new();

    public FakeDeliveryClient Receiver => field ??= new FakeDeliveryClient(Clock);

    /// <summary>The writer's connection to a SQLite file, for limits and faults.</summary>
    public SqliteConnection Writer { get; private set; } = null!;

    public SqlEventStore Store => _store!;

    public string Folder => _data.Path;

    public string Database => Path.Combine(Folder, "events.db");

    /// <summary>The batches of the endpoint that is opened next; null for one event a request.</summary>
    public BatchPlan? Batch { get; set; }

    /// <summary>The fast tier of the endpoint that is opened next; one try unless set otherwise.</summary>
    public RetryPlan Retries { get; set; } = Made.Once;

    public static WebhookEndpoint Endpoint(string id = "default") => Made.Endpoint(id, queueSize: 100_000, workers: 4) with { Redelivery = new RedeliverySchedule([]) };

    /// <summary>Opens the store, with lanes and workers for an endpoint.</summary>
    public async Task OpenAsync(string endpoint = "default")
    {
        var registry = Made.Registry(Endpoint(endpoint) with { Batch = Batch, Retries = Retries });
        var circuits = new Circuits(Clock, NullLogger<Circuits>.Instance);
        var metrics = _meters.Of(registry);
        var settings = Made.Settings(Folder) with { WriterOpened = opened => Writer = opened };
        _store = Made.Store(settings, Clock, metrics);
        _closing = new CancellationTokenSource();
        Receiver.Closed = _closing.Token;
        _lanes = MadeLanes.Lanes(_store, Receiver, registry, circuits, metrics, TimeSpan.FromSeconds(30), Clock, NullLoggerFactory.Instance);
        await _lanes.StartAsync(_store, registry);
    }

    public async Task CloseAsync()
    {
        if (_lanes is not null)
        {
            var stopping = _lanes.StopAsync(TestContext.Current.CancellationToken);
            await _closing.CancelAsync();
            await stopping;
            _lanes.Dispose();
            _store!.Dispose();
            _lanes = null;
        }
    }

    public async Task<Guid> AcceptAsync(string endpoint = "default", Priority priority = Priority.Low, int bytes = 100)
    {
        var accepted = Event(priority, bytes);
        var result = await Store.AcceptAsync([new RoutedEvent(accepted, [Endpoint(endpoint)])], null, TestContext.Current.CancellationToken);
        Assert.Equal(AcceptOutcome.Accepted, result.Events[0].Outcome);
        return accepted.Id;
    }

    public async Task<IReadOnlyList<Guid>> AcceptAsync(int count, string endpoint = "default", Priority priority = Priority.Low)
    {
        var ids = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            ids.Add(await AcceptAsync(endpoint, priority));
        }

        return ids;
    }

    /// <summary>Accepts events by one request, so that they are at hand together.</summary>
    public async Task AcceptTogetherAsync(int count) => await Store.AcceptAsync(
        [.. Enumerable.Range(0, count).Select(_ => new RoutedEvent(Event(Priority.Low, bytes: 100), [Endpoint()]))], null, TestContext.Current.CancellationToken);

    /// <summary>Waits until nothing is owed to an endpoint.</summary>
    public Task UntilDoneAsync(string endpoint = "default") => Waiting.WithinTheTest(() => Store.Waiting(new EndpointId(endpoint)) == 0);

    /// <summary>Executes it over the writer's connection, which does not wait for itself: that of a file, which has one writer.</summary>
    public void ExecuteAsWriter(string sql)
    {
        if (Writer is null)
        {
            Execute(sql);
        }
        else
        {
            StoreFile.Execute(Writer, sql);
        }
    }

    public void Execute(string sql) => StoreSql.Execute(Database, sql);

    public long Number(string sql) => StoreSql.Number(Database, sql);

    public IReadOnlyList<string> Texts(string sql) => StoreSql.Texts(Database, sql);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _meters.Dispose();
        _data.Dispose();
    }

    private IntegrationEvent Event(Priority priority, int bytes) => Made.Event(priority, payload: new string('x', bytes)) with { AcceptedAt = Clock.GetUtcNow() };
}
