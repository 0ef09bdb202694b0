using Middleware.Events;
using Middleware.Storage.Postgres;
using Npgsql;
using ServiceDefaults;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>A session whose locks are not its own any more, as behind a pooler in transaction mode.</summary>
public sealed class SharedSessions
{
    [Fact]
    public async Task A_start_is_refused_and_names_the_pooler()
    {
        await using var database = await EmptyStore.CopyAsync();
        var settings = Made.Postgres(database);
        await using var sessions = settings.CreateSessions();
        using var session = PostgresSession.OpenFirst(sessions, settings, TimeProvider.System);

        // The pooler goes on with another process of the server, which has none of the locks.
        await using (var leave = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", session.Connection))
        {
            await leave.ExecuteNonQueryAsync(Waiting.Cancellation);
        }

        var refusal = Assert.Throws<StartRefusedException>(() => session.ThrowIfShared(sessions));
        Assert.Equal(
            "ConnectionStrings__events: PgBouncer or another pooler in transaction mode is between the service and the server, and shares the session out. Connect to the server, or to a pool in session mode.",
            refusal.Message);
        Assert.Throws<StoreUnavailableException>(() => session.ReadOwners());
    }
}
