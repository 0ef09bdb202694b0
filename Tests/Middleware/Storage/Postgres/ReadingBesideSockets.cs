namespace Tests.Middleware.Storage.Postgres;

/// <summary>Reads of workers in a process of its own, in which the threads that wait for sockets do the work.</summary>
[RunsNatively]
public sealed class ReadingBesideSockets
{
    private const int Events = 200;

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_worker_that_asks_the_database_about_a_replay_does_not_wait_for_itself()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var receiver = await CountingReceiver.StartAsync();
        using var service = await ServiceProcess.StartAsync(
            "Middleware.Api", $"ConnectionStrings__events={database.ConnectionString()}", $"EXTERNAL_ENDPOINT_URL={receiver.Address}");
        using var client = new MiddlewareClient(service.Address);
        await client.Accept(Events);
        await Waiting.Until(async () => await database.ScalarAsync<long>("SELECT COUNT(*) FROM pending") == 0);

        await client.Ask(HttpMethod.Post, "/api/v1/replays", HttpStatusCode.Accepted, """{"of":"events","filter":{}}""");

        await Waiting.Until(() => receiver.Replayed.Count == Events);
        Assert.Equal(0, await service.StopAsync());
    }
}
