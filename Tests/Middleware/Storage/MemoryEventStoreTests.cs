using Middleware.Storage.Memory;
using Middleware.UseCases;

namespace Tests.Middleware.Storage;

public class MemoryEventStoreTests : EventStoreConformance
{
    [Fact]
    public void It_forgets_what_is_pending_when_the_process_ends() => Assert.False(new MemoryEventStore().IsDurable);

    [Fact]
    public async Task It_takes_nothing_before_it_is_open() => await Assert.ThrowsAsync<InvalidOperationException>(
        () => new MemoryEventStore().AcceptAsync(Made.Event(), [Made.Endpoint()], Waiting.Cancellation).AsTask());

    private protected override Task<IEventStore> Create() => Task.FromResult<IEventStore>(new MemoryEventStore());
}
