namespace Tests.Middleware.Storage.Postgres;

/// <summary>Reads over connections that the server has ended.</summary>
public sealed class ReadingAfterABreak
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Each_reader_works_again_with_its_second_read_at_the_latest()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        using var store = await new DurableStore { Database = database }.Open("default");
        var dead = await store.Fail(1);
        Func<Task>[] reads =
        [
            () => store.Pending(),
            async () => Assert.NotNull(await store.History.FindEventAsync(dead[0].Id, Waiting.Cancellation)),
            () => Task.FromResult(store.Replays.Read(long.MaxValue, 10)),
            () => store.Events.QueueDueAsync(store.Clock.GetUtcNow(), 10, Waiting.Cancellation),
        ];
        foreach (var read in reads)
        {
            await read();
        }

        await database.ExecuteAsync("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        foreach (var read in reads)
        {
            // Only by the first read it can notice the end.
            await Record.ExceptionAsync(read);
            await read();
        }
    }
}
