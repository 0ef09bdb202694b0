using Middleware.Storage;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>The behaviour of every store, on PostgreSQL.</summary>
[Trait("Speed", "Slow")]
public sealed class PostgresEventStoreTests : EventStoreConformance, IAsyncDisposable
{
    private readonly List<SqlEventStore> _stores = [];
    private readonly List<PostgresDatabase> _databases = [];

    public async ValueTask DisposeAsync()
    {
        _stores.ForEach(static store => store.Dispose());
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_keeps_what_is_pending_when_the_process_ends() => Assert.True((await Create()).IsDurable);

    private protected override async Task<IEventStore> Create()
    {
        _databases.Add(await EmptyStore.CopyAsync());
        _stores.Add(Made.Store(_databases[^1], new TestClock()));
        return _stores[^1];
    }
}
