using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

/// <summary>The queue limits of every store, and the parts of its conformance tests.</summary>
public abstract class QueueConformance : IAsyncLifetime
{
    private readonly List<SqlEventStore> _stores = [];

    private protected RecordingSink Sink { get; } = new();

    /// <summary>The test's own store, which is open.</summary>
    private protected SqlEventStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await Open();

    public virtual ValueTask DisposeAsync()
    {
        _stores.ForEach(static store => store.Dispose());
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_full_queue_refuses_and_keeps_nothing()
    {
        var endpoint = Made.Endpoint(queueSize: 5);
        await Fill(endpoint, 5);

        Assert.Equal(AcceptOutcome.QueueFull, await Accept(Made.Event(Priority.Critical), endpoint));
        Assert.Equal(5, Store.Waiting(endpoint.Id));
        Assert.Equal(5, Sink.Told.Count);
        Assert.Empty(await Pending(endpoint, Priority.Critical));

        await Store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => Store.Waiting(endpoint.Id) == 4);
        Assert.Equal(AcceptOutcome.Accepted, await Accept(Made.Event(), endpoint));
        Assert.Equal(AcceptOutcome.QueueFull, await Accept(Made.Event(), endpoint));
    }

    [Fact]
    public async Task The_last_tenth_is_for_critical_events()
    {
        var endpoint = Made.Endpoint(queueSize: 20);
        await Fill(endpoint, 18);

        Assert.Equal(AcceptOutcome.QueueFull, await Accept(Made.Event(Priority.High), endpoint));
        Assert.Equal(AcceptOutcome.Accepted, await Accept(Made.Event(Priority.Critical), endpoint));
        Assert.Equal(AcceptOutcome.Accepted, await Accept(Made.Event(Priority.Critical), endpoint));
        Assert.Equal(AcceptOutcome.QueueFull, await Accept(Made.Event(Priority.Critical), endpoint));
        Assert.Equal(20, Store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task A_queue_that_parks_refuses_nothing()
    {
        var endpoint = Made.Endpoint(queueSize: 1, whenFull: WhenFull.Park);

        await Fill(endpoint, 50);

        Assert.Equal(50, Store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task An_event_is_refused_only_when_every_endpoint_is_full()
    {
        var (full, free) = (Made.Endpoint("full", queueSize: 1), Made.Endpoint("free", queueSize: 2));
        await Accept(Made.Event(), full);

        Assert.Equal(AcceptOutcome.Accepted, await Accept(Made.Event(), full, free));
        Assert.Equal((2, 1), (Store.Waiting(full.Id), Store.Waiting(free.Id)));

        await Accept(Made.Event(), free);
        Assert.Equal(AcceptOutcome.QueueFull, await Accept(Made.Event(), full, free));
        Assert.Equal((2, 2), (Store.Waiting(full.Id), Store.Waiting(free.Id)));
    }

    [Fact]
    public async Task Many_at_once_never_overfill_a_queue()
    {
        var endpoint = Made.Endpoint(queueSize: 100);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(() => Accept(Made.Event(), endpoint)))).InTime();

        Assert.Equal(90, outcomes.Count(outcome => outcome == AcceptOutcome.Accepted));
        Assert.Equal(90, Store.Waiting(endpoint.Id));
    }

    private protected abstract Task<SqlEventStore> Make();

    /// <summary>Makes a store that is closed at the end of the test.</summary>
    private protected async Task<SqlEventStore> Create()
    {
        _stores.Add(await Make());
        return _stores[^1];
    }

    private protected async Task<SqlEventStore> Open()
    {
        var store = await Create();
        await store.OpenAsync(Sink, Waiting.Cancellation);
        return store;
    }

    private protected async Task Fill(WebhookEndpoint endpoint, int count)
    {
        for (var number = 0; number < count; number++)
        {
            Assert.Equal(AcceptOutcome.Accepted, await Accept(Made.Event(), endpoint));
        }
    }

    private protected async Task<AcceptOutcome> Accept(IntegrationEvent accepted, params WebhookEndpoint[] endpoints)
    {
        var result = await Store.AcceptAsync([Made.Routed(accepted, [.. endpoints])], null, Waiting.Cancellation).InTime();
        Assert.Equal(AcceptKind.Judged, result.Kind);
        return result.Events[0].Outcome;
    }

    private protected async Task<IEnumerable<long>> Pending(
        WebhookEndpoint endpoint, Priority priority = Priority.Low, long after = 0, int limit = 1_000)
    {
        var page = await Store.ReadPendingAsync(LaneId.Whole(endpoint.Id), priority, after, new PageLimit(limit, long.MaxValue), Waiting.Cancellation).InTime();
        return page.Deliveries.Select(delivery => delivery.Sequence);
    }
}
