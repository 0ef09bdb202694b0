using Npgsql;
using Tests.Middleware.Storage;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Replicas;

/// <summary>The start of a replica whose database goes meanwhile.</summary>
[RunsNatively]
public sealed class StartingReplicas
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_database_that_is_lost_during_the_start_refuses_it()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using (var before = Made.Store(database, TimeProvider.System))
        {
            await before.OpenAsync(new RecordingSink(), Waiting.Cancellation);
        }

        await using var other = await database.Source.OpenConnectionAsync(Waiting.Cancellation);
        await using var change = await other.BeginTransactionAsync(Waiting.Cancellation);
        await new NpgsqlCommand("LOCK TABLE keys", other).ExecuteNonQueryAsync(Waiting.Cancellation);
        using var process = ServiceProcess.Begin("Middleware.Api", $"ConnectionStrings__events={database.ConnectionString()}");

        await Waiting.Until(database.IsAnyoneWaiting);
        await database.EndWaitingAsync();

        Assert.Equal(1, await process.ExitCodeAsync());
        Assert.StartsWith("The start needs the store. The store cannot be ", Assert.Single(process.Reasons), StringComparison.Ordinal);
    }
}
