using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Replays;
using Middleware.Retention;
using Middleware.Storage.Sql;
using Tests.Middleware.Storage;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware;

/// <summary>A store by itself, with what runs on it and nobody who delivers; it can be closed and opened again.</summary>
internal sealed class DurableStore : IDisposable
{
    private readonly StoreFolder _folder = new();
    private readonly List<WebhookEndpoint> _endpoints = [];

    public TestClock Clock { get; } = new();

    public CapturedLog Log { get; } = new();

    /// <summary>The database of a store on PostgreSQL; null for SQLite.</summary>
    public PostgresDatabase? Database { get; init; }

    public RetentionSettings Retention { get; init; } = new(TimeSpan.FromDays(7), TimeSpan.FromDays(30));

    /// <summary>The order of the endpoints that are opened.</summary>
    public KeyOrdering? Ordering { get; set; }

    public SqlEventStore Events { get; private set; } = null!;

    public SqlHistory History { get; private set; } = null!;

    public SqlBulkReplays Replays { get; private set; } = null!;

    public RunBulkReplays Run { get; private set; } = null!;

    public PurgeOld Purge { get; private set; } = null!;

    public string DatabasePath => Path.Combine(_folder.Path, "events.db");

    /// <summary>The store's messages since it was opened.</summary>
    public RecordingSink Sink { get; private set; } = null!;

    /// <summary>True for the endpoints that there are.</summary>
    public bool Has(EndpointId id) => _endpoints.Exists(endpoint => endpoint.Id == id);

    private SqlRetention? RetentionStore { get; set; }

    public async Task<DurableStore> Open(params string[] endpoints)
    {
        _endpoints.AddRange(endpoints.Select(Endpoint));
        Sink = new RecordingSink();
        var defects = Made.Defects(Clock, Log);
        Events = Database is null ? Made.Store(Clock, _folder.Path, defects) : Made.Store(Database, Clock, defects);
        await Events.OpenAsync(Sink, Waiting.Cancellation);
        History = new SqlHistory(Events);
        Replays = new SqlBulkReplays(Events);
        RetentionStore = new SqlRetention(Events);
        Run = new RunBulkReplays(Replays, Made.Registry(_endpoints[0]), defects, Clock, NullLogger<RunBulkReplays>.Instance);
        Purge = new PurgeOld(RetentionStore, Retention, Clock, NullLogger<PurgeOld>.Instance);
        return this;
    }

    /// <summary>A store with so many dead letters.</summary>
    public static async Task<DurableStore> WithDeadLetters(int count)
    {
        var store = await new DurableStore().Open("default");
        await store.Fail(count);
        return store;
    }

    public Task Reopen()
    {
        Close();
        return Open();
    }

    /// <summary>Keeps so many events for all endpoints, or for those given.</summary>
    public async Task<List<IntegrationEvent>> Accept(int count, string source = "tests", params string[] endpoints)
    {
        var meant = endpoints is [] ? _endpoints : _endpoints.FindAll(endpoint => endpoints.Contains(endpoint.Id.Value));
        var accepted = Enumerable.Range(0, count).Select(_ => Event(source)).ToList();
        await Accept(accepted, [.. meant]);
        return accepted;
    }

    public async Task Accept(IEnumerable<IntegrationEvent> events, ImmutableArray<WebhookEndpoint> endpoints) =>
        await Events.AcceptAsync([.. events.Select(one => Made.Routed(one, endpoints))], claim: null, Waiting.Cancellation).InTime();

    /// <summary>Answers everything that is pending for an endpoint at a priority.</summary>
    public async Task Answer(int status, string endpoint = "default", Priority priority = Priority.Low, int count = int.MaxValue)
    {
        var pending = await Pending(endpoint, priority, count);
        foreach (var delivery in pending)
        {
            await Events.RecordAsync(delivery, Made.Attempt(status, FailureReason.FromStatus(status)) with { StartedAt = Clock.GetUtcNow() }, Waiting.Cancellation);
        }

        // They are written after this; others may be pending behind them.
        var rows = $"SELECT COUNT(*) FROM pending WHERE priority = {(int)priority} AND endpoint = {Events.NumberOf(new EndpointId(endpoint)) ?? 0}";
        while (pending.Count > 0 && await Count($"{rows} AND seq <= {pending[^1].Sequence}") > 0)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Records an outcome, and waits until it is written: a question is answered behind all that was recorded before it.</summary>
    public async Task Record(Delivery delivery, DeliveryOutcome outcome)
    {
        var attempt = outcome.Kind == OutcomeKind.Delivered ? Made.Delivered() : Made.Failed();
        await Events.RecordAsync(Shipment.Of(delivery), attempt with { Number = delivery.AttemptsBefore + 1 }, [outcome], Waiting.Cancellation);
        await Events.HoldAsync([Sink.Told[^1] with { Key = -1 }]).InTime();
    }

    /// <summary>The held deliveries of an endpoint that may be sent now.</summary>
    public async Task<IReadOnlyList<Delivery>> Due(EndpointId endpoint) => (await Events.ReadHeldAsync(LaneId.Whole(endpoint), Clock.GetUtcNow(), static _ => false)).Due;

    /// <summary>Has so many dead letters.</summary>
    public async Task<List<IntegrationEvent>> Fail(int count, string source = "tests")
    {
        var failed = await Accept(count, source);
        await Answer(503);
        return failed;
    }

    public async Task<List<Delivery>> Pending(string endpoint = "default", Priority priority = Priority.Background, int count = int.MaxValue)
    {
        var page = await Events.ReadPendingAsync(LaneId.Whole(new EndpointId(endpoint)), priority, 0, new PageLimit(count, long.MaxValue), Waiting.Cancellation);
        return [.. page.Deliveries];
    }

    /// <summary>Purges when so much time has passed.</summary>
    public async Task PurgeAfter(TimeSpan time)
    {
        Clock.Advance(time);
        await Purge.ExecuteAsync(Waiting.Cancellation);
    }

    /// <summary>Takes replays as far as they go at this time.</summary>
    public async Task RunAll()
    {
        while (await Run.ExecuteAsync().InTime())
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
        }
    }

    public Task<long> Count(string sql) => Events.ChangeAsync(transaction =>
    {
        using var count = transaction.Connection.Prepare(sql);
        return count.Scalar() ?? 0;
    });

    public void Dispose()
    {
        Close();
        _folder.Dispose();
    }

    private void Close()
    {
        History.Dispose();
        Replays.Dispose();
        RetentionStore?.Dispose();
        Events.Dispose();
    }

    private IntegrationEvent Event(string source) => Made.Event(payload: new string('x', 500)) with { Source = source, AcceptedAt = Clock.GetUtcNow() };

    private WebhookEndpoint Endpoint(string id) => Made.Endpoint(id, queueSize: 1_000_000) with { Ordering = Ordering };
}
