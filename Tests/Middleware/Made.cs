using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Storage;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;
using Middleware.Telemetry;
using ServiceDefaults.Settings;
using Tests.Middleware.Storage;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware;

/// <summary>Events, deliveries and endpoints as tests need them.</summary>
internal static class Made
{
    /// <summary>A fast tier of one try.</summary>
    public static readonly RetryPlan Once = new(TimeSpan.FromSeconds(3), 0, TimeSpan.Zero);

    /// <summary>A fast tier whose first pause is a second shorter than an open circuit.</summary>
    public static readonly RetryPlan Patient = new(TimeSpan.FromSeconds(3), 10, TimeSpan.FromSeconds(14));

    private static readonly EndedMeters Unread = new();

    private static int LastId;

    public static IntegrationEvent Event(Priority priority = Priority.Low, string? traceParent = null, string payload = "{}") => new()
    {
        Id = new Guid(Interlocked.Increment(ref LastId), 0, 0, new byte[8]),
        CorrelationId = "c-1",
        Source = "tests",
        EventType = "made",
        Priority = priority,
        AcceptedAt = TestClock.Noon,
        TraceParent = traceParent,
        Payload = Encoding.UTF8.GetBytes(payload),
    };

    public static Delivery Delivery(long sequence, Priority priority = Priority.Low) =>
        global::Middleware.Events.Delivery.Of(Event(priority == Priority.Background ? Priority.Low : priority), sequence, EndpointId.Default) with { Priority = priority };

    public static WebhookEndpoint Endpoint(
        string id = "default", int queueSize = 1_000, WhenFull whenFull = WhenFull.Reject, int workers = 1, Uri? url = null, RetryPlan? retries = null) => new()
        {
            Id = new EndpointId(id),
            Url = url ?? new Uri("http://receiver.test/"),
            Workers = workers,
            Queue = new QueueLimit(queueSize, whenFull),
            Retries = retries ?? Once,
            Redelivery = new RedeliverySchedule([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)]),
        };

    /// <summary>An order by source, or by another key.</summary>
    public static KeyOrdering Ordering(OnExhausted onExhausted = OnExhausted.Skip, string? key = null) =>
        KeyOrdering.TryCreate(key, onExhausted, out var ordering, out var fault) ? ordering : throw new ArgumentException(fault, nameof(key));

    /// <summary>The hash of a source, by which events are in order.</summary>
    public static long Key(string source) => Ordering().KeyOf(new FilteredEvent(Event() with { Source = source }), payloadBytes: 0);

    /// <summary>An event for endpoints, with its keys.</summary>
    public static RoutedEvent Routed(IntegrationEvent accepted, params ImmutableArray<WebhookEndpoint> endpoints) =>
        new(accepted, endpoints) { Keys = OrderKeys.Of(new EndpointSet(endpoints, HasFilters: false), accepted, endpoints) };

    public static Attempt Delivered() => Attempt();

    public static Attempt Failed() => Attempt(500, "http_500");

    public static Attempt Attempt(int? status = 200, string? reason = null) =>
        new() { Number = 1, StartedAt = TestClock.Noon, Duration = TimeSpan.Zero, StatusCode = status, Reason = reason };

    /// <summary>Metrics that nobody reads.</summary>
    public static MiddlewareMetrics Metrics() => new(Unread);

    /// <summary>A registry of these endpoints.</summary>
    public static EndpointRegistry Registry(params WebhookEndpoint?[] endpoints)
    {
        var registry = new EndpointRegistry();
        foreach (var endpoint in endpoints.OfType<WebhookEndpoint>())
        {
            registry.Set(endpoint);
        }

        return registry;
    }

    public static void Set(this EndpointRegistry registry, WebhookEndpoint endpoint) => registry.Set(Registered(endpoint));

    public static RegisteredEndpoint Registered(WebhookEndpoint endpoint, long version = 1) =>
        new() { Endpoint = endpoint, Version = version, CreatedAt = TestClock.Noon, ChangedAt = TestClock.Noon };

    /// <summary>Clears all that is left of deleted endpoints, in steps of so many rows.</summary>
    public static async Task ClearAllDeletedAsync(this IEndpointStore store, int limit)
    {
        while (await store.ClearDeletedAsync(limit) is not null)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
        }
    }

    public static Defects Defects(TimeProvider clock, ILoggerFactory? log = null) => new(Unread, clock, (log ?? NullLoggerFactory.Instance).CreateLogger<Defects>());

    /// <summary>A store as it runs: in a folder, or without one in a temporary file that ends with it.</summary>
    public static SqlEventStore Store(TimeProvider clock, string? folder = null, Defects? defects = null, ILogger<SqlEventStore>? log = null) =>
        Store(folder is null ? new StoreSettings(IsMemory: true, "") : Settings(folder), clock, Metrics(), defects, log);

    public static SqlEventStore Store(
        StoreSettings settings, TimeProvider clock, MiddlewareMetrics metrics, Defects? defects = null, ILogger<SqlEventStore>? log = null) =>
        new(
            settings.Postgres is null ? new SqliteEngine(settings, NullLogger<SqliteEngine>.Instance) : new PostgresEngine(settings, new TickingClock(clock), NullLogger<PostgresEngine>.Instance),
            settings,
            new ShutdownSettings(TimeSpan.FromSeconds(30)),
            metrics,
            defects ?? Defects(clock),
            clock,
            log ?? NullLogger<SqlEventStore>.Instance);

    /// <summary>The settings of a store in a folder, or in the database that stands for it.</summary>
    public static StoreSettings Settings(string folder) =>
        new(IsMemory: false, folder) { Postgres = StoreFolder.DatabaseOf(folder) is { } database ? Postgres(database) : null };

    /// <summary>A store in a PostgreSQL database.</summary>
    public static SqlEventStore Store(PostgresDatabase database, TimeProvider clock, Defects? defects = null, ILogger<SqlEventStore>? log = null, int? port = null) =>
        Store(new StoreSettings(IsMemory: false, "") { Postgres = Postgres(database, port) }, clock, Metrics(), defects, log);

    /// <summary>The settings of a store in a PostgreSQL database, which it reaches by its server's port or by that of a proxy.</summary>
    public static PostgresSettings Postgres(PostgresDatabase database, int? port = null) =>
        PostgresSettings.Read(port is { } proxy ? database.ConnectionString(proxy) : database.ConnectionString(), new SettingsReader(new ConfigurationBuilder().Build()), out var fault) ?? throw new InvalidOperationException(fault);

    /// <summary>Records the last try of a delivery: it is delivered, or a dead letter.</summary>
    public static ValueTask RecordAsync(
        this IEventStore store, Delivery delivery, Attempt last, CancellationToken cancellationToken, DateTimeOffset? nextRetryAt = null) => store.RecordAsync(
            Shipment.Of(delivery),
            last,
            [last.IsDelivered ? DeliveryOutcome.Delivered : DeliveryOutcome.DeadLetter() with { NextTryAt = nextRetryAt }],
            cancellationToken);

    /// <summary>Meters that have ended, so that no listener sees their instruments: each that starts looks at all of the process.</summary>
    private sealed class EndedMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            meter.Dispose();
            return meter;
        }

        public void Dispose()
        {
        }
    }
}
