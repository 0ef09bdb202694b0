using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Work on the session of a replica that stops.</summary>
public sealed class ClosedSessions
{
    [Fact]
    public async Task Work_that_comes_after_the_end_fails()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var engine = new PostgresEngine(
            new StoreSettings(IsMemory: false, "") { Postgres = Made.Postgres(database) }, TimeProvider.System, NullLogger<PostgresEngine>.Instance);
        var writer = engine.Open();
        var before = engine.OnSessionAsync(static session => session.Backend);

        writer.Dispose();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => before.InTime());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => engine.OnSessionAsync(static session => session.Backend).InTime());
    }
}
