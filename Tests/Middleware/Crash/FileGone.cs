namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
public class FileGone
{
    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task Readiness_fails_and_nothing_is_accepted_until_the_file_is_back()
    {
        await using var stage = await CrashStage.SetAsync();
        using var service = await stage.StartAsync();
        using var load = new EventLoad(service.Address);
        await load.SendAsync(100);
        var file = StoredFile.PathIn(stage.Folder);
        File.Move(file, file + ".aside");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await load.ReadinessAsync());
        for (var request = 0; request < 10; request++)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await load.PostAsync(EventLoad.Event()));
        }

        // Nothing is sent to a service that is not ready: it must find out by itself.
        File.Move(file + ".aside", file);
        await Waiting.Until(async () => await load.ReadinessAsync() == HttpStatusCode.OK);

        await load.SendAsync(100);
        await Waiting.WithinTheTest(() => load.Accepted.All(stage.Receiver.Received.Contains));
        Assert.Equal(0, await service.StopAsync());
        var stored = StoredFile.Read(stage.Folder);
        stored.AssertAllEnded(load.Accepted);
        Assert.Equal(200, stored.Events.Count);
    }
}
