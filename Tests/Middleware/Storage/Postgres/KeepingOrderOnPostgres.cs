namespace Tests.Middleware.Storage.Postgres;

/// <inheritdoc/>
[Trait("Speed", "Slow")]
public sealed class KeepingOrderOnPostgres : KeepingOrder
{
    private protected override async Task<PostgresDatabase?> CreateDatabaseAsync() => await EmptyStore.CopyAsync();
}
