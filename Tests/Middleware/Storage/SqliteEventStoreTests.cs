using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

[Trait("Speed", "Slow")]
public sealed class SqliteEventStoreTests : EventStoreConformance
{
    private readonly TemporaryDirectory _folder = new();
    private int _made;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void It_keeps_what_is_pending_when_the_process_ends() => Assert.True(Store.IsDurable);

    private protected override Task<SqlEventStore> Make() => Task.FromResult(Made.Store(new TestClock(), Path.Combine(_folder.Path, $"{_made++}")));
}
