using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.History;
using Middleware.Storage.Sqlite;
using Tests.Hosting;

namespace Tests.Middleware.History;

/// <summary>A SQLite store by itself, with as many endpoints as a test needs and nobody who delivers.</summary>
internal sealed class HistoryStore : IDeliverySink, IDisposable
{
    public static readonly WebhookEndpoint Pager = Endpoint("pager");
    public static readonly WebhookEndpoint Chat = Endpoint("chat");

    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _clock = new(HistoryService.Start);

    private HistoryStore() => Store = Tests.Middleware.Made.Store(_clock, _folder.Path);

    public SqliteEventStore Store { get; }

    public string DatabasePath => Path.Combine(_folder.Path, "events.db");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<HistoryStore> Open()
    {
        var opened = new HistoryStore();
        await opened.Store.OpenAsync(opened, Cancellation);
        return opened;
    }

    /// <summary>Keeps so many events at once and says them in order.</summary>
    public async Task<List<IntegrationEvent>> Accept(int count, ImmutableArray<WebhookEndpoint> endpoints, string source = "s", string correlationId = "c-1", int payloadBytes = 0)
    {
        var routed = Enumerable.Range(0, count).Select(_ => new RoutedEvent(Made(source, correlationId, payloadBytes), endpoints)).ToList();
        await Store.AcceptAsync(routed, claim: null, Cancellation);
        return routed.ConvertAll(static one => one.Event);
    }

    public async Task<IntegrationEvent> AcceptOne(params ImmutableArray<WebhookEndpoint> endpoints) => (await Accept(1, endpoints))[0];

    /// <summary>Records what the oldest pending delivery of an endpoint came to, and waits until it is.</summary>
    public async Task Record(WebhookEndpoint endpoint, Priority priority, int status)
    {
        var page = await Store.ReadPendingAsync(endpoint.Id, priority, 0, new PageLimit(1, 1), Cancellation);
        var attempt = new Attempt
        {
            Number = 1,
            StartedAt = _clock.GetUtcNow(),
            Duration = TimeSpan.Zero,
            StatusCode = status,
            Reason = FailureReason.FromStatus(status),
        };
        await Store.RecordAsync(page.Deliveries[0], attempt, Cancellation);

        // A change is written after the outcomes before it.
        await Store.DiscardAsync(default, "nobody", Cancellation);
    }

    public Task<HistoryPage<EventSummary>> Find(HistoryQuery filter, long before = long.MaxValue, int limit = 50) =>
        Store.FindEventsAsync(filter, new PageRequest(before, limit), Cancellation);

    public async Task<string> StatusOf(IntegrationEvent one)
    {
        var found = (await Store.FindEventAsync(one.Id, Cancellation))!;
        return $"{found.Status.Name()}: {string.Join(", ", found.Deliveries.Select(delivery => $"{delivery.Endpoint} {delivery.Status.Name()}"))}";
    }

    public void Committed(Delivery delivery)
    {
    }

    public void Queued(EndpointId endpoint, Priority priority, long sequence)
    {
    }

    public void Drained(EndpointId endpoint)
    {
    }

    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }

    private IntegrationEvent Made(string source, string correlationId, int payloadBytes) => new()
    {
        Id = Guid.CreateVersion7(_clock.GetUtcNow()),
        CorrelationId = correlationId,
        Source = source,
        EventType = "t",
        Priority = Priority.High,
        AcceptedAt = _clock.GetUtcNow(),
        Payload = Encoding.UTF8.GetBytes(payloadBytes == 0 ? "{}" : $"\"{new string('x', payloadBytes)}\""),
    };

    private static WebhookEndpoint Endpoint(string id) => new()
    {
        Id = new EndpointId(id),
        Url = new Uri("http://receiver.test/"),
        Workers = 1,
        Queue = new QueueLimit(1_000_000, WhenFull.Park),
        Retries = new RetryPlan(TimeSpan.FromSeconds(3), 3, TimeSpan.FromMilliseconds(500)),
        Redelivery = new RedeliverySchedule([TimeSpan.FromMinutes(1)]),
    };
}
