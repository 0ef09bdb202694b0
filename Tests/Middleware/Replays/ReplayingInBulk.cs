using Middleware.Events;
using Middleware.Replays;
using Tests.Middleware.Storage;

namespace Tests.Middleware.Replays;

[Trait("Store", "Any")]
public sealed class ReplayingInBulk
{
    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task A_replay_goes_on_after_a_round_that_could_not_read_it()
    {
        using var store = await new DurableStore().Open("default");
        var order = new ReplayOrder { Of = ReplaySubject.Events, Filter = new ReplaySelection() };
        var replay = await store.Replays.AddAsync(order, default, mostRunning: 20, Actor.Service);
        var aside = store.DatabasePath + ".aside";
        File.Move(store.DatabasePath, aside);
        Assert.Throws<StoreUnavailableException>(() => store.Replays.ReadRunning());

        File.Move(aside, store.DatabasePath);

        Assert.Equal(replay!.Id, Assert.Single(store.Replays.ReadRunning()).Id);
    }

    [Fact]
    public async Task Every_dead_letter_is_queued_once_in_order_with_the_id_of_the_replay()
    {
        using var store = await new DurableStore().Open("default");
        var dead = await store.Fail(450);

        var replay = await store.StartAndRun(Asked.AllDeadLetters);

        var pending = await store.Pending();
        Assert.Equal(dead.Select(static one => one.Id), pending.Select(static delivery => delivery.Event.Id));
        Assert.All(pending, delivery => Assert.Equal(replay.Id, delivery.ReplayId));
        Assert.Equal(450, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 1"));
        Assert.Equal(("Running", 450, 450), store.Progress(replay));

        await store.DeliverAndRun();
        Assert.Equal(("Completed", 450, 0), store.Progress(replay));
        Assert.Equal(TestClock.Noon, store.Replays.Find(replay.Id)!.EndedAt);
        Assert.Equal(0, await store.Count("SELECT COUNT(*) FROM dead_letters"));
    }

    [Fact]
    public async Task Every_dead_letter_is_discarded_once_in_the_name_of_who_asked()
    {
        using var store = await DurableStore.WithDeadLetters(450);
        var discard = await store.Start(Asked.AllDeadLetters with { DiscardedBy = "jane" });
        await store.Fail(1);

        await store.RunAll();

        Assert.Empty(await store.Pending());
        Assert.Equal(("Completed", 450, 0), store.Progress(discard));
        Assert.Equal(450, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 2 AND discarded_by = 'jane' AND next_retry_at IS NULL"));
        Assert.Equal(1, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }

    [Fact]
    public async Task Never_more_than_a_thousand_wait_at_once()
    {
        using var store = await DurableStore.WithDeadLetters(2_300);
        var replay = await store.Start(Asked.AllDeadLetters);

        await store.RunAll();
        Assert.Equal(("Running", 1_000, 1_000), store.Progress(replay));

        await store.DeliverAndRun(300);
        Assert.Equal(("Running", 1_300, 1_000), store.Progress(replay));

        await store.DeliverAndRun();
        await store.DeliverAndRun();
        Assert.Equal(("Completed", 2_300, 0), store.Progress(replay));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(333)]
    public async Task The_pace_is_kept_to_the_tick(int perSecond)
    {
        using var store = await DurableStore.WithDeadLetters(1_000);
        var replay = await store.StartAndRun(Asked.AllDeadLetters with { RatePerSecond = perSecond });

        for (var tick = 1; tick <= 25; tick++)
        {
            store.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await store.RunAll();
            Assert.Equal(("Running", perSecond * tick / 10, perSecond * tick / 10), store.Progress(replay));
        }
    }

    [Fact]
    public async Task After_a_pause_no_more_than_a_seconds_worth_goes_at_once()
    {
        using var store = await DurableStore.WithDeadLetters(500);
        var replay = await store.StartAndRun(Asked.AllDeadLetters with { RatePerSecond = 50 });

        store.Clock.Advance(TimeSpan.FromHours(1));
        await store.RunAll();

        Assert.Equal(("Running", 50, 50), store.Progress(replay));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was()
    {
        using var store = await new DurableStore().Open("default");
        var dead = await store.Fail(600);
        var replay = await store.Start(Asked.AllDeadLetters);
        await store.Run.ExecuteAsync();
        Assert.Equal(("Running", 200, 200), store.Progress(replay));
        await store.Answer(200, priority: Priority.Background, count: 50);

        await store.Reopen();
        await store.Run.ExecuteAsync();
        Assert.Equal(("Running", 400, 350), store.Progress(replay));
        await store.Reopen();
        await store.RunAll();

        Assert.Equal(("Running", 600, 550), store.Progress(replay));
        Assert.Equal(dead.Skip(50).Select(static one => one.Id), (await store.Pending()).Select(static delivery => delivery.Event.Id));
    }

    [Fact]
    public async Task A_page_that_was_found_twice_is_queued_once()
    {
        using var store = await DurableStore.WithDeadLetters(300);
        var replay = await store.Start(Asked.AllDeadLetters);

        var queued = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.Replays.QueueNextAsync(replay, 100, store.Has)))).InTime();
        await store.RunAll();

        Assert.Equal(0, queued.Sum() % 100);
        Assert.Equal(300, (await store.Pending()).Select(static delivery => delivery.Event.Id).Distinct().Count());
        Assert.Equal(("Running", 300, 300), store.Progress(replay));
    }

    [Fact]
    public async Task One_that_fails_holds_up_no_other_and_is_tried_again_each_minute()
    {
        using var store = await DurableStore.WithDeadLetters(450);
        var (failing, other) = (await store.Start(Asked.AllDeadLetters), await store.Start(Asked.AllEvents));
        await store.Count(StoreFolder.IsPostgres
            ? $"ALTER TABLE replays ADD CONSTRAINT refused CHECK (no <> {failing.Number}) NOT VALID"
            : $"CREATE TRIGGER refused BEFORE UPDATE ON replays WHEN NEW.no = {failing.Number} BEGIN SELECT RAISE(ABORT, 'refused'); END");

        await store.RunAll();
        Assert.Equal(("Running", 450, 450), store.Progress(other));
        store.Clock.Advance(TimeSpan.FromSeconds(59));
        await store.RunAll();
        var line = Assert.Single(store.Log.Of("a defect of the service"));
        Assert.Equal("replays", line.Values["part"]);
        Assert.Contains(failing.Id, line.Exception!.Message, StringComparison.Ordinal);

        store.Clock.Advance(TimeSpan.FromSeconds(1));
        await store.RunAll();
        Assert.Equal(2, store.Log.Of("a defect of the service").Count());
        Assert.Equal(("Running", 0, 0), store.Progress(failing));

        await store.Count(StoreFolder.IsPostgres ? "ALTER TABLE replays DROP CONSTRAINT refused" : "DROP TRIGGER refused");
        await store.Answer(200, priority: Priority.Background);
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.RunAll();
        Assert.Equal(("Completed", 450, 0), store.Progress(other));
        Assert.Equal("Completed", store.Progress(failing).State);
    }

    [Fact]
    public async Task A_cancelled_replay_queues_nothing_more_and_takes_back_what_it_queued()
    {
        using var store = await DurableStore.WithDeadLetters(500);
        var replay = await store.Start(Asked.AllDeadLetters);
        await store.Run.ExecuteAsync();

        var cancelled = await store.Replays.CancelAsync(replay.Id, Actor.Service);
        Assert.Equal(0, await store.Replays.QueueNextAsync(replay, 100, store.Has));
        await store.Reopen();
        await store.RunAll();

        Assert.Equal(ReplayState.Cancelled, cancelled!.State);
        Assert.Equal(("Cancelled", 0, 0), store.Progress(replay));
        Assert.Equal(500, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
        Assert.Equal(ReplayState.Cancelled, (await store.Replays.CompleteAsync(replay.Id))!.State);
    }
}
