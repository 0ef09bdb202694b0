namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
public class FullDisk
{
    // What makes room must hold all that was written once more: a checkpoint copies it from the log into the database.
    private const int BallastBytes = 12 << 20;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task It_refuses_while_the_disk_is_full_and_goes_on_when_there_is_room()
    {
        using var disk = await SmallDisk.MountAsync("size=16m");
        await using var receiver = await CountingReceiver.StartAsync();
        var ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[BallastBytes], TestContext.Current.CancellationToken);
        using var service = await CrashStage.StartAsync(disk.Path, receiver.Address, "HTTP_TIMEOUT=1m");
        using var load = new EventLoad(service.Address);

        // So that nothing ends meanwhile and makes room.
        receiver.Hold();
        var big = EventLoad.Event(fill: 32 * 1024);
        HttpStatusCode answer;
        while ((answer = await load.PostAsync(big)) == HttpStatusCode.OK)
        {
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer);
        using (var refused = await load.PostAsync(big, key: null))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter?.Delta);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        }

        receiver.Release();
        await Waiting.WithinTheTest(() => load.Accepted.All(receiver.Received.Contains));
        File.Delete(ballast);
        await Waiting.Until(async () => await load.PostAsync(big) == HttpStatusCode.OK);
        await Waiting.Until(async () => await load.ReadinessAsync() == HttpStatusCode.OK);
        await Waiting.WithinTheTest(() => load.Accepted.All(receiver.Received.Contains));
        Assert.Equal(0, await service.StopAsync());
        StoredFile.Read(disk.Path).AssertAllEnded(load.Accepted);
        Assert.Empty(receiver.Duplicates);
    }
}
