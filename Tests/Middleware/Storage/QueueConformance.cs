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
