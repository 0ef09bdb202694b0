namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class KillingReplays
{
    private const int Rounds = 3;

    /// <summary>The most deliveries of a round: with the thousand that may wait beside it no round comes to the end.</summary>
    private const int MostInARound = 400;

    private const int Events = (Rounds * MostInARound) + 1_200;

    [Theory(Timeout = CrashStage.TestLimit)]
    [InlineData("events", 200, null)]
    [InlineData("dead_letters", 400, 1_000)]
    public async Task A_replay_that_was_killed_again_and_again_completes_with_each_delivery_queued_once(string subject, int statusBefore, int? rate)
    {
        await using var stage = await CrashStage.SetAsync();
        await LeaveEndedAsync(stage, statusBefore);

        var body = $$"""{"of":"{{subject}}","filter":{},"rate_per_second":{{rate?.ToString(null, null) ?? "null"}}}""";
        string? replay = null;
        var (pendingAtKills, mayRepeat) = (new HashSet<string>(), new HashSet<string>());
        for (var round = 1; round <= Rounds; round++)
        {
            stage.Receiver.ReleaseOnly(MostInARound);
            using var service = await stage.StartAsync("HTTP_TIMEOUT=1m");
            using var client = new MiddlewareClient(service.Address);
            replay ??= (string)(await client.Ask(HttpMethod.Post, "/api/v1/replays", HttpStatusCode.Accepted, body))["id"]!;
            var before = stage.Receiver.Replayed.Count;
            await Waiting.WithinTheTest(() => stage.Receiver.Replayed.Count > before);
            await stage.RandomMomentAsync(300);
            await service.KillAsync();

            using var copy = StoredFile.Copy(stage.Folder);
            var left = StoredFile.Read(copy.Path).Pending;
            pendingAtKills.UnionWith(left);
            mayRepeat.UnionWith(left.Where(id => stage.Receiver.Replayed.ContainsKey((replay, id))));
            Assert.Equal(1, StoredFile.Number(copy.Path, "SELECT COUNT(*) FROM replays WHERE state = 0 AND at <= last AND queued > 0"));
            CrashStage.Say($"round {round}: {stage.Receiver.Replayed.Count} replayed, {left.Count} left of what was queued");
        }

        stage.Receiver.Release();
        using (var service = await stage.StartAsync())
        {
            await Waiting.WithinTheTest(() => stage.Receiver.Replayed.Count == Events);
            await Waiting.WithinTheTest(() => StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM replays WHERE state = 1") == 1);
            using var client = new MiddlewareClient(service.Address);
            var ended = await client.Get($"replays/{replay}");
            Assert.Equal(("completed", Events, Events, 0), ((string?)ended["state"], (int)ended["total"]!, (int)ended["queued"]!, (int)ended["skipped"]!));
            Assert.Equal((0, 0), ((int)ended["waiting"]!, (int)ended["remaining"]!));
            Assert.Equal(0, await service.StopAsync());
        }

        AssertEachOnce(stage.Folder);
        var stored = StoredFile.Read(stage.Folder);
        Assert.Equal(stored.Events.Select(id => (replay!, id)).Order(), stage.Receiver.Replayed.Keys.Order());

        // Beside what was answered and not recorded at a kill only what was on the wire then, one for each worker.
        var duplicates = stage.Receiver.Replayed.Where(static seen => seen.Value > 1).Select(static seen => seen.Key.Event).ToHashSet();
        Assert.Subset(pendingAtKills, duplicates);
        Assert.InRange(duplicates.Except(mayRepeat).Count(), 0, Rounds * CrashStage.Workers);
        CrashStage.Say($"{duplicates.Count} came twice of {mayRepeat.Count} that might have");
    }

    /// <summary>Has events accepted and answered with this status, and ends the service in order.</summary>
    private static async Task LeaveEndedAsync(CrashStage stage, int status)
    {
        stage.Receiver.Status = status;
        using var service = await stage.StartAsync();
        using var load = new EventLoad(service.Address);
        await load.SendAsync(Events, connections: 64);
        await Waiting.WithinTheTest(() => stage.Receiver.Received.Count == Events);
        await Waiting.WithinTheTest(() => StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM pending") == 0);
        Assert.Equal(0, await service.StopAsync());
        stage.Receiver.Status = (int)HttpStatusCode.OK;
    }

    /// <summary>Checks that each queued delivery of a replay has ended with one attempt more than before.</summary>
    private static void AssertEachOnce(string folder)
    {
        Assert.Equal(0, StoredFile.Number(folder, "SELECT COUNT(*) FROM pending"));
        Assert.Equal(0, StoredFile.Number(folder, "SELECT COUNT(*) FROM dead_letters"));
        Assert.Equal(Events, StoredFile.Number(folder, "SELECT COUNT(*) FROM events"));
        Assert.Equal(Events, StoredFile.Number(folder, "SELECT COUNT(*) FROM (SELECT 1 FROM attempts GROUP BY seq, endpoint HAVING COUNT(*) = 2)"));
    }
}
