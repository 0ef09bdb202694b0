using Middleware.Storage.Postgres;
using Tests.Middleware.Storage;
using Tests.Middleware.Storage.Postgres;

[assembly: AssemblyFixture(typeof(EmptyStore))]

namespace Tests.Middleware.Storage;

/// <summary>An empty store on the PostgreSQL server that all tests share. To copy it takes a third of the time of making its tables.</summary>
internal sealed class EmptyStore
{
    private readonly Lazy<Task<PostgresDatabase>> _made = new(MakeAsync);

    /// <summary>Creates a database with an empty store.</summary>
    public static async Task<PostgresDatabase> CopyAsync() => await PostgresDatabase.CreateAsync(of: await (await TestContext.Current.GetFixture<EmptyStore>())!._made.Value);

    private static async Task<PostgresDatabase> MakeAsync()
    {
        var database = await PostgresDatabase.CreateAsync();
        await using var connection = await database.Source.OpenConnectionAsync(Waiting.Cancellation);
        PostgresSchema.Run(connection, database.Name, PostgresSchema.Scripts);
        PostgresPartitions.Ensure(connection, TimeProvider.System.GetUtcNow());
        return database;
    }
}
