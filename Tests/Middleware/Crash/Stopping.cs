namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class Stopping
{
    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_stop_under_load_loses_nothing_repeats_nothing_and_fails_nothing()
    {
        await using var stage = await CrashStage.SetAsync();
        var accepted = new List<string>();
        for (var round = 1; round <= 2; round++)
        {
            using var service = await stage.StartAsync();
            using var load = new EventLoad(service.Address);
            var sending = load.UntilGoneAsync(connections: 32);
            await Waiting.WithinTheTest(() => load.Accepted.Count >= 200);
            await stage.RandomMomentAsync(500);
            Assert.Equal(0, await service.StopAsync());
            await sending;
            accepted.AddRange(load.Accepted);
            Assert.Empty(service.Errors);
            Assert.DoesNotContain(service.Output, static line => line.Contains("\"error\"", StringComparison.Ordinal) || line.Contains("\"critical\"", StringComparison.Ordinal));

            var left = StoredFile.Read(stage.Folder);
            Assert.Empty(accepted.Except(left.Events));
            Assert.Empty(left.Pending.Intersect(stage.Receiver.Received));
            CrashStage.Say($"round {round}: {load.Accepted.Count} accepted, {left.Pending.Count} left for the next start");
        }

        var stored = await stage.SettleAsync(accepted);

        Assert.Equal(0, stored.FailedAttempts);
        Assert.Empty(stage.Receiver.Duplicates);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_stop_while_the_receiver_hangs_leaves_the_tries_unrecorded()
    {
        await using var stage = await CrashStage.SetAsync();
        stage.Receiver.Hold();
        IReadOnlyCollection<string> accepted;
        using (var service = await stage.StartAsync("HTTP_TIMEOUT=1m", "SHUTDOWN_TIMEOUT=200ms"))
        {
            using var load = new EventLoad(service.Address);
            await load.SendAsync(100);
            accepted = load.Accepted;
            Assert.Equal(0, await service.StopAsync());
        }

        var left = StoredFile.Read(stage.Folder);
        Assert.Equal((100, 0L), (left.Pending.Count, left.FailedAttempts));
        await stage.Receiver.WhenAbandonedAsync();

        stage.Receiver.Release();
        await stage.SettleAsync(accepted);
        Assert.Empty(stage.Receiver.Duplicates);
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_stop_during_the_start_or_the_recovery_is_a_stop_like_any_other()
    {
        await using var stage = await CrashStage.SetAsync();
        var accepted = await KillingUnderLoad.LeaveBacklogAsync(stage, 3_000);
        stage.Receiver.Release();
        for (var round = 0; round < 6; round++)
        {
            // From the first thing it does to well within the recovery.
            File.Delete(stage.LockFile);
            using var service = stage.Begin();
            await Waiting.WithinTheTest(() => KillingUnderLoad.IsLocked(stage));
            await stage.RandomMomentAsync(round * 50);
            Assert.Equal(0, await service.StopAsync());
            Assert.Empty(service.Errors);
        }

        var stored = await stage.SettleAsync(accepted);

        Assert.Equal(0, stored.FailedAttempts);
        Assert.Empty(stage.Receiver.Duplicates);
    }
}
