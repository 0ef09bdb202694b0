using Middleware.Storage;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

[Trait("Speed", "Slow")]
public sealed class SqliteEventStoreTests : EventStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("events-");
    private readonly List<SqlEventStore> _stores = [];

    public void Dispose()
    {
        _stores.ForEach(store => store.Dispose());
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_keeps_what_is_pending_when_the_process_ends() => Assert.True((await Create()).IsDurable);

    private protected override Task<IEventStore> Create()
    {
        _stores.Add(Made.Store(new TestClock(), Path.Combine(_folder.FullName, $"{_stores.Count}")));
        return Task.FromResult<IEventStore>(_stores[^1]);
    }
}
