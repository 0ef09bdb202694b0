using Middleware.Domain;
using Middleware.Storage.Memory;
using Middleware.UseCases;

namespace Tests.Middleware.Storage;

public class MemoryEventStoreTests : EventStoreConformance
{
    [Fact]
    public void It_forgets_what_is_pending_when_the_process_ends() => Assert.False(new MemoryEventStore(new TestClock()).IsDurable);

    [Fact]
    public async Task It_takes_nothing_before_it_is_open() => await Assert.ThrowsAsync<InvalidOperationException>(
        () => new MemoryEventStore(new TestClock()).AcceptAsync([new RoutedEvent(Made.Event(), [Made.Endpoint()])], null, Waiting.Cancellation).AsTask());

    [Fact]
    public async Task An_event_that_was_decided_before_a_deletion_and_kept_after_it_is_forgotten_with_what_waited()
    {
        var (store, sink) = (new MemoryEventStore(new TestClock()), new RecordingSink());
        await store.OpenAsync(sink, Waiting.Cancellation);
        var (endpoints, endpoint) = (new MemoryEndpoints(store), Made.Endpoint("pager"));
        var registered = new RegisteredEndpoint { Endpoint = endpoint, Version = 1, CreatedAt = TestClock.Noon, ChangedAt = TestClock.Noon };
        Assert.True(await endpoints.SaveAsync(registered));
        Assert.Equal(EndpointRemoval.Removed, await endpoints.RemoveAsync(endpoint.Id, 1, deadLetterWaiting: false));
        var routed = new RoutedEvent(Made.Event(), [endpoint, Made.Endpoint("other")]);

        var result = await store.AcceptAsync([routed], null, Waiting.Cancellation);

        Assert.Equal(AcceptOutcome.Accepted, result.Events[0].Outcome);
        Assert.Equal((0, 1), (store.Waiting(endpoint.Id), store.Waiting(new EndpointId("other"))));
        Assert.Equal("other", Assert.Single(sink.Told).EndpointId.Value);

        // One that is declared again gets what comes after that.
        Assert.True(await endpoints.SaveAsync(registered));
        await store.AcceptAsync([new RoutedEvent(Made.Event(), [endpoint])], null, Waiting.Cancellation);
        Assert.Equal(1, store.Waiting(endpoint.Id));
    }

    [Fact]
    public void A_look_at_an_endpoint_without_events_keeps_nothing()
    {
        var store = new MemoryEventStore(new TestClock());
        EndpointId[] ids = [.. Enumerable.Range(0, 1_000).Select(static number => new EndpointId($"ep_{number}"))];

        // Queues of an endpoint are a kilobyte.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = 0;
        foreach (var id in ids)
        {
            found += store.Waiting(id) + (store.FailingSince(id) is null ? 0 : 1) + (store.OldestWaiting(id) is null ? 0 : 1);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(0, found);
    }

    private protected override Task<IEventStore> Create() => Task.FromResult<IEventStore>(new MemoryEventStore(new TestClock()));
}
