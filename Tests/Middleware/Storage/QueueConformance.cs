using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;

namespace Tests.Middleware.Storage;

/// <summary>The queue limits of every store, and the parts of its conformance tests.</summary>
public abstract class QueueConformance
{
    private protected RecordingSink Sink { get; } = new();

    [Fact]
    public async Task A_full_queue_refuses_and_keeps_nothing()
    {
        var store = await Open();
        var endpoint = Made.Endpoint(queueSize: 5);
        await Fill(store, endpoint, 5);

        Assert.Equal(AcceptOutcome.QueueFull, await Accept(store, Made.Event(Priority.Critical), endpoint));
        Assert.Equal(5, store.Waiting(endpoint.Id));
        Assert.Equal(5, Sink.Told.Count);
        Assert.Empty(await Pending(store, endpoint, Priority.Critical));

        await store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => store.Waiting(endpoint.Id) == 4);
        Assert.Equal(AcceptOutcome.Accepted, await Accept(store, Made.Event(), endpoint));
        Assert.Equal(AcceptOutcome.QueueFull, await Accept(store, Made.Event(), endpoint));
    }

    [Fact]
    public async Task The_last_tenth_is_for_critical_events()
    {
        var store = await Open();
        var endpoint = Made.Endpoint(queueSize: 20);
        await Fill(store, endpoint, 18);

        Assert.Equal(AcceptOutcome.QueueFull, await Accept(store, Made.Event(Priority.High), endpoint));
        Assert.Equal(AcceptOutcome.Accepted, await Accept(store, Made.Event(Priority.Critical), endpoint));
        Assert.Equal(AcceptOutcome.Accepted, await Accept(store, Made.Event(Priority.Critical), endpoint));
        Assert.Equal(AcceptOutcome.QueueFull, await Accept(store, Made.Event(Priority.Critical), endpoint));
        Assert.Equal(20, store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task A_queue_that_parks_refuses_nothing()
    {
        var store = await Open();
        var endpoint = Made.Endpoint(queueSize: 1, whenFull: WhenFull.Park);

        await Fill(store, endpoint, 50);

        Assert.Equal(50, store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task An_event_is_refused_only_when_every_endpoint_is_full()
    {
        var store = await Open();
        var (full, free) = (Made.Endpoint("full", queueSize: 1), Made.Endpoint("free", queueSize: 2));
        await Accept(store, Made.Event(), full);

        Assert.Equal(AcceptOutcome.Accepted, await Accept(store, Made.Event(), full, free));
        Assert.Equal((2, 1), (store.Waiting(full.Id), store.Waiting(free.Id)));

        await Accept(store, Made.Event(), free);
        Assert.Equal(AcceptOutcome.QueueFull, await Accept(store, Made.Event(), full, free));
        Assert.Equal((2, 2), (store.Waiting(full.Id), store.Waiting(free.Id)));
    }

    [Fact]
    public async Task Many_at_once_never_overfill_a_queue()
    {
        var store = await Open();
        var endpoint = Made.Endpoint(queueSize: 100);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(() => Accept(store, Made.Event(), endpoint)))).InTime();

        Assert.Equal(90, outcomes.Count(outcome => outcome == AcceptOutcome.Accepted));
        Assert.Equal(90, store.Waiting(endpoint.Id));
    }

    private protected abstract Task<IEventStore> Create();

    private protected async Task<IEventStore> Open()
    {
        var store = await Create();
        await store.OpenAsync(Sink, Waiting.Cancellation);
        return store;
    }

    private protected static async Task Fill(IEventStore store, WebhookEndpoint endpoint, int count)
    {
        for (var number = 0; number < count; number++)
        {
            Assert.Equal(AcceptOutcome.Accepted, await Accept(store, Made.Event(), endpoint));
        }
    }

    private protected static async Task<AcceptOutcome> Accept(IEventStore store, IntegrationEvent accepted, params WebhookEndpoint[] endpoints)
    {
        var result = await store.AcceptAsync([Made.Routed(accepted, [.. endpoints])], null, Waiting.Cancellation).InTime();
        Assert.Equal(AcceptKind.Judged, result.Kind);
        return result.Events[0].Outcome;
    }

    private protected static async Task<IEnumerable<long>> Pending(
        IEventStore store, WebhookEndpoint endpoint, Priority priority = Priority.Low, long after = 0, int limit = 1_000)
    {
        var page = await store.ReadPendingAsync(LaneId.Whole(endpoint.Id), priority, after, new PageLimit(limit, long.MaxValue), Waiting.Cancellation).InTime();
        return page.Deliveries.Select(delivery => delivery.Sequence);
    }
}
