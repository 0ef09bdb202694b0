using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.Sqlite;
using Tests.Hosting;

namespace Tests.Middleware.Storage.Sqlite;

/// <summary>A SQLite store in a folder of its own with lanes and workers, whose receiver is this object. It can be closed and opened again.</summary>
internal sealed class StoreStage : IDeliveryClient, IAsyncDisposable
{
    public const int TestLimit = 60_000;

    private readonly TemporaryDirectory _data = new();
    private readonly ConcurrentQueue<Delivery> _sent = new();
    private readonly ConcurrentQueue<Shipment> _batches = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteEventStore? _store;
    private LaneHost? _lanes;
    private CancellationTokenSource _closing = new();

    public StoreStage() => _open.SetResult();

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The writer's connection, for limits and faults.</summary>
    public SqliteConnection Writer { get; private set; } = null!;

    public SqliteEventStore Store => _store!;

    public string Folder => _data.Path;

    public string Database => Path.Combine(Folder, "events.db");

    /// <summary>What a receiver answers each try with.</summary>
    public Func<Delivery, Attempt> Answer { get; set; } = static _ => Delivered();

    /// <summary>How the endpoint that is opened next gets its events.</summary>
    public BatchPlan? Batch { get; set; }

    /// <summary>The fast tier of the endpoint that is opened next; one try unless set otherwise.</summary>
    public RetryPlan Retries { get; set; } = Made.Once;

    /// <summary>What was sent together, in order.</summary>
    public IReadOnlyList<Shipment> Batches => [.. _batches];

    /// <summary>All that was sent, in order.</summary>
    public IReadOnlyList<Delivery> Sent => [.. _sent];

    public static WebhookEndpoint Endpoint(string id = "default") => new()
    {
        Id = new EndpointId(id),
        Url = new Uri("http://receiver.test/"),
        Workers = 4,
        Queue = new QueueLimit(100_000, WhenFull.Reject),
        Retries = new RetryPlan(TimeSpan.FromSeconds(3), 0, TimeSpan.Zero),
        Redelivery = new RedeliverySchedule([]),
    };

    public static Attempt Delivered(int responseBytes = 0) =>
        new() { Number = 1, StartedAt = DateTimeOffset.UnixEpoch, Duration = TimeSpan.Zero, StatusCode = 200, Response = new byte[responseBytes] };

    /// <summary>Opens the store, with lanes and workers for an endpoint.</summary>
    public async Task OpenAsync(string endpoint = "default")
    {
        var registry = Made.Registry(Endpoint(endpoint) with { Batch = Batch, Retries = Retries });
        var circuits = new Circuits(Clock, NullLogger<Circuits>.Instance);
        var metrics = Made.Metrics(Meters, registry);
        var settings = new StoreSettings(IsMemory: false, Folder) { WriterOpened = opened => Writer = opened };
        _store = Made.Store(settings, Clock, metrics);
        _closing = new CancellationTokenSource();
        _lanes = MadeLanes.Lanes(
            _store,
            this,
            registry,
            circuits,
            metrics,
            TimeSpan.FromSeconds(30),
            Clock,
            NullLoggerFactory.Instance);
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

    /// <summary>From now on receivers keep silent.</summary>
    public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _open.TrySetResult();

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
    public async Task<IReadOnlyList<Guid>> AcceptTogetherAsync(int count)
    {
        var routed = Enumerable.Range(0, count).Select(_ => new RoutedEvent(Event(Priority.Low, bytes: 100), [Endpoint()])).ToList();
        await Store.AcceptAsync(routed, null, TestContext.Current.CancellationToken);
        return [.. routed.Select(one => one.Event.Id)];
    }

    /// <summary>Waits until nothing is owed to an endpoint.</summary>
    public Task UntilDoneAsync(string endpoint = "default") => UntilAsync(() => Store.Waiting(new EndpointId(endpoint)) == 0);

    /// <summary>Looks until it is so; the test's own time limit ends it.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        while (!isSo())
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Runs SQL over a second connection.</summary>
    public void Execute(string sql)
    {
        using var connection = Connect();
        StoreFile.Execute(connection, sql);
    }

    public long Number(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public IReadOnlyList<string> Texts(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var texts = new List<string>();
        while (rows.Read())
        {
            texts.Add(rows.GetString(0));
        }

        return texts;
    }

    public Task<Attempt> TestAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken) =>
        Task.FromResult(Answer(shipment.First));

    public async Task<Attempt> SendAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        foreach (var delivery in shipment.Deliveries)
        {
            _sent.Enqueue(delivery);
        }

        if (shipment.BatchId is not null)
        {
            _batches.Enqueue(shipment);
        }

        using var closed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _open.Task.WaitAsync(closed.Token);
        return Answer(shipment.First) with { BatchId = shipment.BatchId, Number = shipment.NextNumber };
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _services.DisposeAsync();
        _data.Dispose();
    }

    private IntegrationEvent Event(Priority priority, int bytes) => new()
    {
        Id = Guid.CreateVersion7(Clock.GetUtcNow()),
        CorrelationId = "c-1",
        Source = "tests",
        EventType = "made",
        Priority = priority,
        AcceptedAt = Clock.GetUtcNow(),
        Payload = new byte[bytes],
    };

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Pooling = false }.ToString());
        connection.Open();
        StoreFile.Execute(connection, "PRAGMA busy_timeout = 10000");
        return connection;
    }
}
