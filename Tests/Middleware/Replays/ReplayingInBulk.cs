using Middleware.Domain;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Replays;

public sealed class ReplayingInBulk
{
    private static readonly ReplayOrder AllDeadLetters = new() { Of = ReplaySubject.DeadLetters, Filter = new ReplayFilter() };
    private static readonly ReplayOrder AllEvents = new() { Of = ReplaySubject.Events, Filter = new ReplayFilter() };

    [Fact]
    public async Task A_count_keeps_and_queues_nothing()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(30, "billing");
        await store.Fail(12, "shop");
        await store.Accept(5);
        var start = new ReplayFilter { Source = "billing" };

        Assert.Equal(new ReplayCount(42, IsLowerBound: false), store.Replays.Count(AllDeadLetters, store.Ids));
        Assert.Equal(new ReplayCount(30, IsLowerBound: false), store.Replays.Count(AllDeadLetters with { Filter = start }, store.Ids));

        Assert.Empty(store.Replays.Read(long.MaxValue, 10));
        Assert.Empty(await store.Pending());
    }

    [Fact]
    public async Task A_count_ends_after_so_many_rows_and_says_so()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(1);
        await store.Answer(200);
        await store.Count("""
            WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO events SELECT i + 1, CAST(i AS BLOB), 'c', 's', 't', 0, 0, 1, NULL, x'' FROM n
            """);

        var count = store.Replays.Count(AllEvents with { EndpointId = new EndpointId("default") }, store.Ids);

        Assert.Equal(new ReplayCount(100_000, IsLowerBound: true), count);
    }

    [Fact]
    public async Task Every_dead_letter_is_queued_once_in_order_with_the_id_of_the_replay()
    {
        using var store = await new DurableStore().Open("default");
        var dead = await store.Fail(450);

        var replay = await Start(store, AllDeadLetters);
        await store.RunAll();

        var pending = await store.Pending();
        Assert.Equal(dead.Select(static one => one.Id), pending.Select(static delivery => delivery.Event.Id));
        Assert.All(pending, delivery => Assert.Equal(replay.Id, delivery.ReplayId));
        Assert.Equal(450, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 1"));
        Assert.Equal(("Running", 450, 450), Progress(store, replay));

        await store.Answer(200, priority: Priority.Background);
        await store.RunAll();
        Assert.Equal(("Completed", 450, 0), Progress(store, replay));
        Assert.Equal(DurableStore.Noon, store.Replays.Find(replay.Id)!.EndedAt);
        Assert.Equal(0, await store.Count("SELECT COUNT(*) FROM dead_letters"));
    }

    [Fact]
    public async Task Never_more_than_a_thousand_wait_at_once()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(2_300);
        var replay = await Start(store, AllDeadLetters);

        await store.RunAll();
        Assert.Equal(("Running", 1_000, 1_000), Progress(store, replay));

        await store.Answer(200, priority: Priority.Background, count: 300);
        await store.RunAll();
        Assert.Equal(("Running", 1_300, 1_000), Progress(store, replay));

        await store.Answer(200, priority: Priority.Background);
        await store.RunAll();
        await store.Answer(200, priority: Priority.Background);
        await store.RunAll();
        Assert.Equal(("Completed", 2_300, 0), Progress(store, replay));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(333)]
    public async Task The_pace_is_kept_to_the_tick(int perSecond)
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(1_000);
        var replay = await Start(store, AllDeadLetters with { RatePerSecond = perSecond });
        await store.RunAll();

        for (var tick = 1; tick <= 25; tick++)
        {
            store.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await store.RunAll();
            Assert.Equal(("Running", perSecond * tick / 10, perSecond * tick / 10), Progress(store, replay));
        }
    }

    [Fact]
    public async Task After_a_pause_no_more_than_a_seconds_worth_goes_at_once()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(500);
        var replay = await Start(store, AllDeadLetters with { RatePerSecond = 50 });
        await store.RunAll();

        store.Clock.Advance(TimeSpan.FromHours(1));
        await store.RunAll();

        Assert.Equal(("Running", 50, 50), Progress(store, replay));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was()
    {
        using var store = await new DurableStore().Open("default");
        var dead = await store.Fail(600);
        var replay = await Start(store, AllDeadLetters);
        await store.Run.ExecuteAsync();
        Assert.Equal(("Running", 200, 200), Progress(store, replay));
        await store.Answer(200, priority: Priority.Background, count: 50);

        await store.Reopen();
        await store.Run.ExecuteAsync();
        Assert.Equal(("Running", 400, 350), Progress(store, replay));
        await store.Reopen();
        await store.RunAll();

        Assert.Equal(("Running", 600, 550), Progress(store, replay));
        Assert.Equal(dead.Skip(50).Select(static one => one.Id), (await store.Pending()).Select(static delivery => delivery.Event.Id));
    }

    [Fact]
    public async Task A_page_that_was_found_twice_is_queued_once()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(300);
        var replay = await Start(store, AllDeadLetters);

        var queued = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.Replays.QueueNextAsync(replay, 100, store.Ids)))).InTime();
        await store.RunAll();

        Assert.Equal(0, queued.Sum() % 100);
        Assert.Equal(300, (await store.Pending()).Select(static delivery => delivery.Event.Id).Distinct().Count());
        Assert.Equal(("Running", 300, 300), Progress(store, replay));
    }

    [Fact]
    public async Task A_cancelled_replay_queues_nothing_more()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(500);
        var replay = await Start(store, AllDeadLetters);
        await store.Run.ExecuteAsync();

        var cancelled = await store.Replays.EndAsync(replay.Id, ReplayState.Cancelled);
        Assert.Equal(0, await store.Replays.QueueNextAsync(replay, 100, store.Ids));
        await store.Reopen();
        await store.RunAll();

        Assert.Equal(ReplayState.Cancelled, cancelled!.State);
        Assert.Equal(("Cancelled", 200, 200), Progress(store, replay));
        Assert.Equal(300, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
        Assert.Equal(ReplayState.Cancelled, (await store.Replays.EndAsync(replay.Id, ReplayState.Completed))!.State);
    }

    [Fact]
    public async Task It_covers_what_there_was_when_it_was_created()
    {
        using var store = await new DurableStore().Open("default");
        var old = await store.Fail(40);
        var replay = await Start(store, AllDeadLetters);
        await store.Fail(60);

        await store.RunAll();

        Assert.Equal(old.Select(static one => one.Id), (await store.Pending()).Select(static delivery => delivery.Event.Id));
        Assert.Equal(("Running", 40, 40), Progress(store, replay));
    }

    [Fact]
    public async Task A_place_among_the_dead_letters_is_not_used_again()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(3);
        var replay = await Start(store, AllDeadLetters);
        await store.Count("UPDATE dead_letters SET state = 1");
        await store.Count("INSERT INTO pending SELECT 1, -1, event + 1000, event, NULL FROM dead_letters");
        await store.Answer(200, priority: Priority.Background);
        await store.Fail(3);

        await store.RunAll();

        Assert.Equal(("Completed", 0, 0), Progress(store, replay));
        Assert.Equal(3, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }

    [Fact]
    public async Task What_was_queued_meanwhile_is_skipped()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(10);
        await Start(store, AllDeadLetters);
        var second = await Start(store, AllDeadLetters);
        await store.RunAll();

        var third = await Start(store, AllEvents);
        await store.RunAll();

        Assert.Equal(10, (await store.Pending()).Count);
        Assert.Equal(("Completed", 0, 0), Progress(store, second));
        Assert.Equal((0, 10), (store.Replays.Find(third.Id)!.Queued, store.Replays.Find(third.Id)!.Skipped));
    }

    [Fact]
    public async Task Events_go_again_to_the_endpoints_that_had_them_or_to_one()
    {
        using var store = await new DurableStore().Open("default", "chat");
        await store.Accept(5, "both");
        await store.Accept(5, "chat", "chat");
        await store.Answer(200);
        await store.Answer(404, "chat");
        await store.Accept(3);

        var all = await Start(store, AllEvents);
        while (await store.Replays.QueueNextAsync(all, 4, store.Ids) > 0)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
        }

        Assert.Equal(5, (await store.Pending("default")).Count);
        Assert.Equal(10, (await store.Pending("chat")).Count);
        Assert.Equal(10, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 1"));

        var one = await Start(store, AllEvents with { Filter = new ReplayFilter { Source = "chat" }, EndpointId = new EndpointId("default") });
        await store.RunAll();
        Assert.Equal(10, (await store.Pending("default")).Count);
        Assert.Equal(5, store.Replays.Find(one.Id)!.Queued);
    }

    [Fact]
    public async Task Dead_letters_of_an_endpoint_that_is_gone_stay()
    {
        using var store = await new DurableStore().Open("default", "gone");
        await store.Accept(4);
        await store.Answer(404);
        await store.Answer(404, "gone");

        var replay = await Start(store, AllDeadLetters);
        await store.RunAll();

        Assert.Equal(("Running", 4, 4), Progress(store, replay));
        Assert.Empty(await store.Pending("gone"));
        Assert.Equal(4, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }

    [Fact]
    public async Task Filters_take_what_they_ask_for()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(1, "a");
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.Fail(2, "b");
        var second = DurableStore.Noon + TimeSpan.FromMinutes(1);

        Assert.Equal((1, 1), Both(store, new ReplayFilter { Source = "a" }));
        Assert.Equal((2, 2), Both(store, new ReplayFilter { Since = second }));
        Assert.Equal((1, 1), Both(store, new ReplayFilter { Until = second }));
        Assert.Equal((3, 3), Both(store, new ReplayFilter { EventType = "made", Priority = Priority.Low, CorrelationId = "c-1" }));
        Assert.Equal((0, 0), Both(store, new ReplayFilter { Priority = Priority.High }));
        Assert.Equal((0, 0), Both(store, new ReplayFilter { Source = "a' OR 1=1 --" }));
        Assert.Equal((3, 0), Both(store, new ReplayFilter { Reason = "http_503" }));
        Assert.Equal((0, 0), Both(store, new ReplayFilter { Reason = "timeout" }));
    }

    [Fact]
    public async Task So_many_run_at_once_and_no_more()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(1);
        for (var count = 0; count < 3; count++)
        {
            Assert.NotNull(await store.Replays.AddAsync(AllDeadLetters, default, mostRunning: 3));
        }

        Assert.Null(await store.Replays.AddAsync(AllDeadLetters, default, mostRunning: 3));
    }

    private static (long DeadLetters, long Events) Both(DurableStore store, ReplayFilter filter) => (
        store.Replays.Count(AllDeadLetters with { Filter = filter }, store.Ids).Deliveries,
        store.Replays.Count(AllEvents with { Filter = filter }, store.Ids).Deliveries);

    private static async Task<Replay> Start(DurableStore store, ReplayOrder order)
    {
        var replay = await store.Replays.AddAsync(order, store.Replays.Count(order, store.Ids), mostRunning: 20);
        return replay!;
    }

    private static (string State, long Queued, int Waiting) Progress(DurableStore store, Replay replay)
    {
        var found = store.Replays.Find(replay.Id)!;
        return (found.State.ToString(), found.Queued, found.Waiting);
    }
}
