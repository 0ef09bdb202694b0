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

    private protected override Task<IEventStore> Create() => Task.FromResult<IEventStore>(new MemoryEventStore(new TestClock()));
}
