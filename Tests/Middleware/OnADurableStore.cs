using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware;

/// <summary>Tests that have a store by itself of their own each, in a file or in a database: it is open where it has endpoints.</summary>
public abstract class OnADurableStore : IAsyncLifetime
{
    private readonly string[] _endpoints;

    private protected OnADurableStore(params string[] endpoints) => _endpoints = endpoints;

    private protected DurableStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Store = new DurableStore { Database = await CreateDatabaseAsync() };
        if (_endpoints.Length > 0)
        {
            await Store.Open(_endpoints);
        }
    }

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
