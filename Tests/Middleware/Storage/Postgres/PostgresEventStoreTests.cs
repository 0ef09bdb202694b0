using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>The behaviour of every store, on PostgreSQL.</summary>
[Trait("Speed", "Slow")]
public sealed class PostgresEventStoreTests : EventStoreConformance
{
    private readonly List<PostgresDatabase> _databases = [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }

    [Fact]
    public void It_keeps_what_is_pending_when_the_process_ends() => Assert.True(Store.IsDurable);

    private protected override async Task<SqlEventStore> Make()
    {
        _databases.Add(await EmptyStore.CopyAsync());
        return Made.Store(_databases[^1], new TestClock());
    }
}
