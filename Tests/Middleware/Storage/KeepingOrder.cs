using Middleware.DeadLetters;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;
using Tests.Middleware.Replays;

namespace Tests.Middleware.Storage;

/// <summary>The keys that wait for dead letters, and their end.</summary>
public class KeepingOrder : OnADurableStore
{
    private static readonly EndpointId Pager = new("pager");

    [Fact]
    public async Task A_dead_letter_that_is_due_goes_before_those_that_wait_for_it()
    {
        var events = await Blocked("a", "a", "a");
        Assert.Empty(await Due());

        Store.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await Store.Events.QueueDueAsync(Store.Clock.GetUtcNow(), 10, Waiting.Cancellation));

        var again = Assert.Single(await Due());
        Assert.Equal((events[0].Id, Priority.Background, 1, 1), (again.Event.Id, again.Priority, again.Failures, again.AttemptsBefore));
        Assert.Equal(2, Store.Events.Waiting(Pager));
        await Store.Record(again, DeliveryOutcome.Delivered);
        Assert.Equal([events[1].Id], Ids(await Due()));
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM dead_letters"));
    }

    [Fact]
    public async Task One_that_fails_again_blocks_on_and_one_that_is_spent_lets_the_others_go()
    {
        var events = await Blocked("a", "a");
        Store.Clock.Advance(TimeSpan.FromMinutes(1));
        await Store.Events.QueueDueAsync(Store.Clock.GetUtcNow(), 10, Waiting.Cancellation);

        var again = Assert.Single(await Due());
        await Store.Record(again, DeliveryOutcome.Held(1, Store.Clock.GetUtcNow()));
        again = Assert.Single(await Due());
        Assert.Equal((2, 1), (again.AttemptsBefore, again.Tries));
        await Store.Record(again, Blocking());
        Assert.Empty(await Due());

        Store.Clock.Advance(TimeSpan.FromMinutes(1));
        await Store.Events.QueueDueAsync(Store.Clock.GetUtcNow(), 10, Waiting.Cancellation);
        await Store.Record(Assert.Single(await Due()), DeliveryOutcome.DeadLetter());
        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    [Fact]
    public async Task A_discarded_dead_letter_lets_the_others_go()
    {
        var events = await Blocked("a", "a");

        Assert.True((await Discard(new DeliveryId(events[0].Id, Pager))).IsDone);

        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    [Fact]
    public async Task A_key_without_others_is_released_by_a_discard()
    {
        var events = await Blocked("a");

        await Discard(new DeliveryId(events[0].Id, Pager));

        Assert.Contains((Made.Key("a"), false), Store.Sink.HasKeys);
        Assert.Empty((await Store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
    }

    [Fact]
    public async Task A_replay_of_the_dead_letter_that_blocks_goes_in_order()
    {
        var events = await Blocked("a", "a");

        Assert.True((await Replay(new DeliveryId(events[0].Id, Pager))).IsDone);

        var replayed = Assert.Single(await Due());
        Assert.Equal(events[0].Id, replayed.Event.Id);
        Assert.NotNull(replayed.ReplayId);
        Assert.True(await Store.Events.TryBeginAsync(replayed, Waiting.Cancellation));
        await Store.Record(replayed, DeliveryOutcome.Delivered);
        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    [Fact]
    public async Task A_replay_of_an_older_event_is_in_no_order()
    {
        await Open();
        var older = (await Accept("a"))[0];
        await Store.Record(Store.Sink.Told[0], DeliveryOutcome.DeadLetter());
        await Accept("a");
        await Store.Record(Store.Sink.Told[1], Blocking());

        await Replay(new DeliveryId(older.Id, Pager));

        Assert.Empty(await Due());
        Assert.Equal([older.Id], (await Store.Pending("pager")).Select(static pending => pending.Event.Id));
    }

    [Fact]
    public async Task A_replay_of_a_newer_event_waits()
    {
        await Open();
        var events = await Accept("a", "a");
        await Store.Record(Store.Sink.Told[1], DeliveryOutcome.DeadLetter());
        await Store.Record(Store.Sink.Told[0], Blocking());

        await Replay(new DeliveryId(events[1].Id, Pager));

        Assert.Empty(await Due());
        Assert.Empty(await Store.Pending("pager"));
        await Discard(new DeliveryId(events[0].Id, Pager));
        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    [Fact]
    public async Task A_cancelled_replay_leaves_the_key_blocked_as_before()
    {
        var events = await Blocked("a", "a");
        var replay = await Store.StartAndRun(Asked.AllDeadLetters);
        Assert.Equal([events[0].Id], Ids(await Due()));

        await Store.Replays.CancelAsync(replay.Id, Actor.Service);

        Assert.Empty(await Due());
        Assert.Equal([Made.Key("a")], (await Store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
        Assert.Equal(1, await Store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0 AND next_retry_at IS NOT NULL"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_erased_event_lets_the_others_go_whether_it_blocks_or_waits(int erased)
    {
        var events = await Blocked("a", "a", "a");
        await Store.Events.ChangeAsync(transaction => ErasureWrites.Erase(transaction, events[erased].Id, keys: null));
        await Discard(new DeliveryId(events[0].Id, Pager));

        Assert.Equal([events[erased == 0 ? 1 : 2].Id], Ids(await Due()));
        Assert.Equal(erased == 0 ? 2 : 1, Store.Events.Waiting(Pager));
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 4 AND (key_hash IS NOT NULL OR blocks IS NOT NULL)"));
    }

    [Fact]
    public async Task A_dead_letter_that_blocks_is_never_purged()
    {
        await Open();
        await Accept("a");
        await Store.Record(Store.Sink.Told[0], DeliveryOutcome.DeadLetter() with { Blocks = true });

        await Store.PurgeAfter(TimeSpan.FromDays(100));

        Assert.Equal(1, await Store.Count("SELECT COUNT(*) FROM dead_letters"));
        Assert.Equal([Made.Key("a")], (await Store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
    }

    [Fact]
    public async Task An_event_that_is_held_is_never_purged_and_is_shown_as_pending()
    {
        var events = await Blocked("a", "a");
        await Discard(new DeliveryId(events[0].Id, Pager));
        await Store.PurgeAfter(TimeSpan.FromDays(100));

        var shown = await Store.History.FindEventAsync(events[1].Id, Waiting.Cancellation);
        Assert.Equal((EventStatus.Pending, DeliveryStatus.Pending), (shown!.Status, Assert.Single(shown.Deliveries).Status));
    }

    [Fact]
    public async Task A_deleted_endpoint_ends_what_is_held_and_unblocks_its_keys()
    {
        await Blocked("a", "a", "a");
        var endpoints = new SqlEndpoints(Store.Events);
        await endpoints.SaveAsync(Made.Registered(Made.Endpoint("pager")), before: null, Actor.Service);

        Assert.Equal(EndpointRemoval.HasWaiting, await endpoints.RemoveAsync(Pager, 1, deadLetterWaiting: false, Actor.Service));
        Assert.Equal(EndpointRemoval.Removed, await endpoints.RemoveAsync(Pager, 1, deadLetterWaiting: true, Actor.Service));
        await endpoints.ClearAllDeletedAsync(1);

        Assert.Equal(0, Store.Events.Waiting(Pager));
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM held"));
        Assert.Equal(3, await Store.Count("SELECT COUNT(*) FROM dead_letters WHERE blocks IS NULL"));
    }

    [Fact]
    public async Task A_dead_letter_that_is_handed_over_blocks_no_key()
    {
        Store.Ordering = Made.Ordering(OnExhausted.Block);
        await Store.Open("pager", "other");
        await Store.Accept(1, "a", "pager");

        await Store.Record(Store.Sink.Told[0], DeliveryOutcome.DeadLetter() with { HandedTo = new EndpointId("other"), Blocks = true });

        Assert.Equal([(Made.Key("a"), true), (Made.Key("a"), false)], Store.Sink.HasKeys);
        Assert.Empty((await Store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
    }

    [Fact]
    public async Task An_open_store_knows_what_waited_before()
    {
        var events = await Blocked("a", "a", "a");
        await Store.Accept(1, "b");

        await Store.Reopen();

        Assert.Equal((3, 2, false), (Store.Events.Waiting(Pager), Store.Events.Held(Pager), Store.Events.HasUnordered(Pager)));
        Assert.Equal([Made.Key("a")], (await Store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
        await Discard(new DeliveryId(events[0].Id, Pager));
        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    private static IEnumerable<Guid> Ids(IEnumerable<Delivery> deliveries) => deliveries.Select(static delivery => delivery.Event.Id);

    private Task<DeadLetterChange> Discard(DeliveryId id) => Store.History.DiscardAsync(id, Actor.Service, Waiting.Cancellation);

    private Task<DeadLetterChange> Replay(DeliveryId id) => Store.History.ReplayAsync(id, "r-1", Actor.Service, Waiting.Cancellation);

    private async Task Open()
    {
        Store.Ordering = Made.Ordering();
        await Store.Open("pager");
    }

    /// <summary>Accepts events of these keys: the first one is a dead letter that is tried again in a minute, and those of its key wait for it.</summary>
    private async Task<List<IntegrationEvent>> Blocked(params string[] keys)
    {
        await Open();
        var events = await Accept(keys);
        await Store.Record(Store.Sink.Told[0], Blocking());
        if (keys.Length > 1)
        {
            Assert.Empty(await Store.Events.HoldAsync([.. Store.Sink.Told.Skip(1)]).InTime());
        }

        return events;
    }

    private DeliveryOutcome Blocking() => DeliveryOutcome.DeadLetter() with { NextTryAt = Store.Clock.GetUtcNow().AddMinutes(1), Blocks = true };

    private async Task<List<IntegrationEvent>> Accept(params string[] keys)
    {
        List<IntegrationEvent> accepted = [];
        foreach (var key in keys)
        {
            accepted.AddRange(await Store.Accept(1, key));
        }

        return accepted;
    }

    private Task<IReadOnlyList<Delivery>> Due() => Store.Due(Pager);
}
