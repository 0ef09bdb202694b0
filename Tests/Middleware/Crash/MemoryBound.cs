namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
public class MemoryBound
{
    private const int QueueSize = 1_000;
    private const double MostMegabytes = 500;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task Queues_full_of_the_largest_events_stay_on_the_disk()
    {
        await using var stage = await CrashStage.SetAsync();
        stage.Receiver.Hold();
        using var service = await stage.StartAsync($"QUEUE_SIZE={QueueSize}", "HTTP_TIMEOUT=5m");
        using var load = new EventLoad(service.Address);
        var bodies = ((string[])["low", "medium", "high", "critical"]).Select(static severity => EventLoad.Event(fill: 262_000, severity: severity)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 32).Select(connection => Task.Run(async () =>
        {
            // Whatever its turn is until that is refused, then the last tenth, which is for critical events.
            for (var number = connection; await load.PostAsync(bodies[number % bodies.Length]) == HttpStatusCode.OK; number++)
            {
            }

            while (await load.PostAsync(bodies[^1]) == HttpStatusCode.OK)
            {
            }
        })));
        Assert.Equal(QueueSize, load.Accepted.Count);
        var full = service.PeakMegabytes;

        stage.Receiver.Release();
        await Waiting.WithinTheTest(() => load.Accepted.All(stage.Receiver.Received.Contains));
        var peak = service.PeakMegabytes;
        CrashStage.Say($"peak RSS {full:0} MB when full, {peak:0} MB when all was delivered");

        Assert.InRange(peak, 0, MostMegabytes);
        Assert.Equal(0, await service.StopAsync());
        StoredFile.Read(stage.Folder).AssertAllEnded(load.Accepted);
    }
}
