using Middleware.Events;

namespace Tests.Middleware.Replays;

[Trait("Store", "Any")]
public sealed class CancellingReplays
{
    private const string Path = "/api/v1/replays";

    [Fact]
    public async Task What_is_under_way_is_left_to_its_worker_and_nothing_else_is_owed()
    {
        using var store = await new DurableStore().Open("default");
        await CancelledUnderWay.IsLeftAsync(store, store);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_open_circuit_sent_back_before_or_after_the_cancel_is_taken_back_and_not_sent_again(bool isBefore)
    {
        using var store = await new DurableStore().Open("default");
        await CancelledUnderWay.IsTakenBackAsync(store, store, isBefore, static () => Task.CompletedTask);
    }

    [Fact]
    public async Task What_has_ended_is_counted_and_stays()
    {
        using var store = await DurableStore.WithDeadLetters(3);
        var replay = await store.StartAndRun(Asked.AllDeadLetters);
        await store.Events.TryBeginAsync((await store.Pending())[0], Waiting.Cancellation);
        await store.Answer(200, priority: Priority.Background, count: 1);

        await store.Replays.CancelAsync(replay.Id, Actor.Service);

        Assert.Equal(("Cancelled", 1, 0), store.Progress(replay));
        Assert.Equal(2, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }

    [Theory]
    [InlineData("next_retry_at = 5")]
    [InlineData("state = 2, discarded_by = 'jane', discarded_at = 7")]
    public async Task A_dead_letter_is_as_it_was_before_it_was_queued(string before)
    {
        const string DeadLetter = "SELECT COUNT(*) FROM dead_letters WHERE ";
        using var store = await DurableStore.WithDeadLetters(1);
        await store.Count($"UPDATE dead_letters SET {before}");
        var replay = await store.StartAndRun(Asked.AllEvents);
        Assert.Equal(1, await store.Count($"{DeadLetter} state = 1"));
        Assert.Equal(0, await store.Events.QueueDueAsync(store.Clock.GetUtcNow(), 10, Waiting.Cancellation));

        await store.Replays.CancelAsync(replay.Id, Actor.Service);

        Assert.Equal(1, await store.Count($"{DeadLetter} state <> 1 AND {before.Replace(",", " AND", StringComparison.Ordinal)}"));
        Assert.Empty(await store.Pending());
    }

    [Fact]
    public async Task What_a_lane_holds_of_a_cancelled_replay_is_not_sent()
    {
        await using var service = new MiddlewareService();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await service.AcceptAnswered(503);
        }

        var last = await service.AcceptAnswered(200, "last");
        service.Receiver.Hold();
        var id = (string)(await service.Ask(HttpMethod.Post, Path, HttpStatusCode.Accepted, """{"of":"dead_letters","filter":{}}"""))["id"]!;
        await service.Passing(async () => (int)(await service.Ask(HttpMethod.Get, $"{Path}/{id}", HttpStatusCode.OK))["queued"]! == 5
            && service.Receiver.Sent.Count == 7);

        var cancelled = await service.Ask(HttpMethod.Delete, $"{Path}/{id}", HttpStatusCode.OK);
        Assert.Equal((1, 1, 4), ((int)cancelled["queued"]!, (int)cancelled["waiting"]!, (int)cancelled["remaining"]!));

        // The one worker takes what the lane holds of the replay before what is queued after it.
        await service.Ask(HttpMethod.Post, $"/api/v1/events/{last}/replay", HttpStatusCode.Accepted, "{}");
        service.Receiver.Release();
        await Waiting.Until(() => service.Receiver.Sent[^1].Event.IdText == last);
        Assert.Equal(8, service.Receiver.Sent.Count);
    }
}
