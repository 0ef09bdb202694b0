using Tests.Middleware.Storage;

namespace Tests.Middleware.Crash;

[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class KillingUnderLoad
{
    private const int Connections = 32;

    /// <summary>Past so many outcomes that are not committed the store lets workers wait, whatever the disk does: those queued and those of a group.</summary>
    private const int MostUncommitted = 4096 + 512;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task No_accepted_event_is_lost_and_only_what_was_not_recorded_comes_twice()
    {
        await using var stage = await CrashStage.SetAsync();
        var accepted = new List<string>();
        var mayRepeat = new HashSet<string>();
        for (var round = 1; round <= 3; round++)
        {
            using var service = await stage.StartAsync();
            using var load = new EventLoad(service.Address);
            var sending = load.UntilGoneAsync(Connections);
            await Waiting.WithinTheTest(() => load.Accepted.Count >= 200);
            await stage.RandomMomentAsync(700);
            await service.KillAsync();
            await sending;
            accepted.AddRange(load.Accepted);

            // What the receiver had and the store still owes: exactly this may come again.
            var unrecorded = StoredFile.ReadCopy(stage.Folder).Pending.Intersect(stage.Receiver.Received).ToList();
            Assert.InRange(unrecorded.Count, 0, CrashStage.Workers + MostUncommitted);
            mayRepeat.UnionWith(unrecorded);
            CrashStage.Say($"round {round}: {load.Accepted.Count} accepted, {unrecorded.Count} delivered and not recorded at the kill");
        }

        var stored = await stage.SettleAsync(accepted);

        Assert.Empty(stored.Events.Except(stage.Receiver.Received));
        Assert.Subset(mayRepeat, stage.Receiver.Duplicates.ToHashSet());
        Assert.Equal(0, stored.FailedAttempts);
        CrashStage.Say($"{accepted.Count} accepted, {stage.Receiver.DuplicateCount} duplicates of {mayRepeat.Count} that may have been");
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_kill_during_recovery_loses_nothing()
    {
        await using var stage = await CrashStage.SetAsync();
        var accepted = await LeaveBacklogAsync(stage, 4_000);
        stage.Receiver.Release();
        var mayRepeat = new HashSet<string>();
        for (var round = 1; round <= 5; round++)
        {
            using var service = stage.Begin();
            var before = stage.Receiver.Received.Count;
            await Waiting.WithinTheTest(() => round % 2 == 1 ? IsLocked(stage) : stage.Receiver.Received.Count > before);
            await stage.RandomMomentAsync(100);
            await service.KillAsync();
            File.Delete(stage.LockFile);
            var left = StoredFile.ReadCopy(stage.Folder).Pending;
            mayRepeat.UnionWith(left.Intersect(stage.Receiver.Received));
            CrashStage.Say($"round {round}: {left.Count} left");
            if (left.Count == 0)
            {
                // A fast machine delivers all of them between two kills: there is nothing more to recover.
                break;
            }
        }

        await stage.SettleAsync(accepted);

        Assert.Subset(mayRepeat, stage.Receiver.Duplicates.ToHashSet());
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    [Trait("Store", "Sqlite")]
    public async Task A_kill_during_the_first_start_leaves_a_folder_that_the_next_start_can_use()
    {
        await using var stage = await CrashStage.SetAsync();
        for (var round = 1; round <= 10; round++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(stage.Folder, $"{round}")).FullName;
            using (var first = CrashStage.Begin(folder, stage.Receiver.Address))
            {
                await Waiting.WithinTheTest(() => File.Exists(StoredFile.PathIn(folder) + ".lock"));
                await stage.RandomMomentAsync(60);
                await first.KillAsync();
            }

            using var next = await CrashStage.StartAsync(folder, stage.Receiver.Address);
            using var load = new EventLoad(next.Address);
            await load.SendAsync(1);
            await Waiting.WithinTheTest(() => stage.Receiver.Received.Contains(load.Accepted.Single()));
            Assert.Equal(0, await next.StopAsync());
        }
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task A_key_is_one_event_across_a_kill()
    {
        const int Keys = 200;
        await using var stage = await CrashStage.SetAsync();
        var answers = new string?[Keys];
        using (var service = await stage.StartAsync())
        {
            using var load = new EventLoad(service.Address);
            var answered = 0;
            var sending = Task.WhenAll(Enumerable.Range(0, Keys).Chunk(Keys / 20).Select(keys => Task.Run(async () =>
            {
                foreach (var key in keys)
                {
                    answers[key] = await TryPostAsync(load, key);
                    Interlocked.Increment(ref answered);
                }
            })));
            await Waiting.WithinTheTest(() => Volatile.Read(ref answered) >= Keys / 4);
            await service.KillAsync();
            await sending;
        }

        using (var service = await stage.StartAsync())
        {
            using var load = new EventLoad(service.Address);
            for (var key = 0; key < Keys; key++)
            {
                var again = await TryPostAsync(load, key);
                Assert.NotNull(again);
                Assert.Equal(answers[key] ?? again, again);
                answers[key] = again;
            }
        }

        CrashStage.Say($"{answers.Length} keys");
        await stage.SettleAsync(answers!);
        Assert.Equal(Keys, StoredFile.Number(stage.Folder, "SELECT COUNT(*) FROM events"));
        Assert.Equal(Keys, StoredFile.Number(stage.Folder, "SELECT COUNT(DISTINCT source) FROM events"));
    }

    internal static async Task<IReadOnlyCollection<string>> LeaveBacklogAsync(CrashStage stage, int count)
    {
        stage.Receiver.Hold();
        using var service = await stage.StartAsync("HTTP_TIMEOUT=1m");
        using var load = new EventLoad(service.Address);
        await load.SendAsync(count);

        await Waiting.WithinTheTest(() => stage.Receiver.UnderWay == CrashStage.Workers);
        await service.KillAsync();
        await stage.Receiver.WhenAbandonedAsync();
        File.Delete(stage.LockFile);
        return load.Accepted;
    }

    internal static bool IsLocked(CrashStage stage) => StoreFolder.IsPostgres ? !StoreFolder.IsFree(stage.Folder) : File.Exists(stage.LockFile);

    private static async Task<string?> TryPostAsync(EventLoad load, int key)
    {
        try
        {
            using var answer = await load.PostAsync(EventLoad.Event($"key-{key}"), $"key-{key}");
            return await MiddlewareClient.EventIdAsync(answer);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
