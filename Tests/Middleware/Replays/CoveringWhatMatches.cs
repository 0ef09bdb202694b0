using Middleware.Events;
using Middleware.Replays;
using Tests.Middleware.Storage;

namespace Tests.Middleware.Replays;

[Trait("Store", "Any")]
public sealed class CoveringWhatMatches
{
    [Fact]
    public async Task A_count_keeps_and_queues_nothing()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(30, "billing");
        await store.Fail(12, "shop");
        await store.Accept(5);
        var start = new ReplaySelection { Source = "billing" };

        Assert.Equal(new ReplayCount(42, IsLowerBound: false), store.Replays.Count(Asked.AllDeadLetters, store.Has));
        Assert.Equal(new ReplayCount(30, IsLowerBound: false), store.Replays.Count(Asked.AllDeadLetters with { Filter = start }, store.Has));

        Assert.Empty(store.Replays.Read(long.MaxValue, 10));
        Assert.Empty(await store.Pending());
    }

    [Fact]
    public async Task A_count_ends_after_so_many_rows_and_says_so()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(1);
        await store.Answer(200);
        await store.Count($"""
            WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO events (seq, id, correlation_id, source, event_type, priority, accepted_at, endpoints, trace_parent, payload)
            SELECT seq + i, {(StoreFolder.IsPostgres ? "int8send(i)" : "CAST(i AS BLOB)")}, 'c', 's', 't', 0, 0, 1, NULL, payload FROM n, events
            """);

        var count = store.Replays.Count(Asked.AllEvents with { EndpointId = new EndpointId("default") }, store.Has);

        Assert.Equal(new ReplayCount(100_000, IsLowerBound: true), count);
    }

    [Fact]
    public async Task What_comes_between_the_count_and_the_creation_is_covered()
    {
        using var store = await new DurableStore().Open("default");
        var none = store.Replays.Count(Asked.AllDeadLetters, store.Has);
        Assert.Equal(new ReplayCount(0, IsLowerBound: false), none);
        await store.Fail(2);

        var replay = await store.Replays.AddAsync(Asked.AllDeadLetters, none, mostRunning: 20, Actor.Service);
        await store.RunAll();

        Assert.Equal(2, store.Replays.Find(replay!.Id)!.Queued);
    }

    [Fact]
    public async Task It_covers_what_there_was_when_it_was_created()
    {
        using var store = await new DurableStore().Open("default");
        var old = await store.Fail(40);
        var replay = await store.Start(Asked.AllDeadLetters);
        await store.Fail(60);

        await store.RunAll();

        Assert.Equal(old.Select(static one => one.Id), (await store.Pending()).Select(static delivery => delivery.Event.Id));
        Assert.Equal(("Running", 40, 40), store.Progress(replay));
    }

    [Fact]
    public async Task A_place_among_the_dead_letters_is_not_used_again()
    {
        using var store = await DurableStore.WithDeadLetters(3);
        var replay = await store.Start(Asked.AllDeadLetters);
        await store.Count("UPDATE dead_letters SET state = 1");
        await store.Count("INSERT INTO pending (endpoint, priority, seq, event, replay) SELECT 1, -1, event + 1000, event, NULL FROM dead_letters");
        await store.Answer(200, priority: Priority.Background);
        await store.Fail(3);

        await store.RunAll();

        Assert.Equal(("Completed", 0, 0), store.Progress(replay));
        Assert.Equal(3, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }

    [Fact]
    public async Task What_was_queued_meanwhile_is_skipped()
    {
        using var store = await DurableStore.WithDeadLetters(10);
        await store.Start(Asked.AllDeadLetters);
        var second = await store.StartAndRun(Asked.AllDeadLetters);

        var third = await store.StartAndRun(Asked.AllEvents);

        Assert.Equal(10, (await store.Pending()).Count);
        Assert.Equal(("Completed", 0, 0), store.Progress(second));
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

        var all = await store.Start(Asked.AllEvents);
        while (await store.Replays.QueueNextAsync(all, 4, store.Has) > 0)
        {
            Waiting.Cancellation.ThrowIfCancellationRequested();
        }

        Assert.Equal(5, (await store.Pending("default")).Count);
        Assert.Equal(10, (await store.Pending("chat")).Count);
        Assert.Equal(10, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 1"));

        var one = await store.StartAndRun(Asked.AllEvents with { Filter = new ReplaySelection { Source = "chat" }, EndpointId = new EndpointId("default") });
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

        var replay = await store.StartAndRun(Asked.AllDeadLetters);

        Assert.Equal(("Running", 4, 4), store.Progress(replay));
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
        var second = TestClock.Noon + TimeSpan.FromMinutes(1);

        Assert.Equal((1, 1), Both(store, new ReplaySelection { Source = "a" }));
        Assert.Equal((2, 2), Both(store, new ReplaySelection { Since = second }));
        Assert.Equal((1, 1), Both(store, new ReplaySelection { Until = second }));
        Assert.Equal((3, 3), Both(store, new ReplaySelection { EventType = "made", Priority = Priority.Low, CorrelationId = "c-1" }));
        Assert.Equal((0, 0), Both(store, new ReplaySelection { Priority = Priority.High }));
        Assert.Equal((0, 0), Both(store, new ReplaySelection { Source = "a' OR 1=1 --" }));
        Assert.Equal((3, 0), Both(store, new ReplaySelection { Reason = "http_503" }));
        Assert.Equal((0, 0), Both(store, new ReplaySelection { Reason = "timeout" }));
    }

    [Fact]
    public async Task So_many_run_at_once_and_no_more()
    {
        using var store = await new DurableStore().Open("default");
        await store.Fail(1);
        for (var count = 0; count < 3; count++)
        {
            Assert.NotNull(await store.Replays.AddAsync(Asked.AllDeadLetters, default, mostRunning: 3, Actor.Service));
        }

        Assert.Null(await store.Replays.AddAsync(Asked.AllDeadLetters, default, mostRunning: 3, Actor.Service));
    }

    private static (long DeadLetters, long Events) Both(DurableStore store, ReplaySelection filter) => (
        store.Replays.Count(Asked.AllDeadLetters with { Filter = filter }, store.Has).Deliveries,
        store.Replays.Count(Asked.AllEvents with { Filter = filter }, store.Has).Deliveries);
}
