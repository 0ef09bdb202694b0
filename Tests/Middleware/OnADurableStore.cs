using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware;

/// <summary>Tests that have a store by itself of their own each, which they open: in a file, or in a database.</summary>
public abstract class OnADurableStore : IAsyncLifetime
{
    private protected DurableStore Store { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync() => Store = new DurableStore { Database = await CreateDatabaseAsync() };

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        if (Store.Database is { } database)
        {
            await database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected virtual Task<PostgresDatabase?> CreateDatabaseAsync() => Task.FromResult<PostgresDatabase?>(null);
}
