using Middleware.DeadLetters;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;
using Tests.Middleware.Replays;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage;

/// <summary>The keys that wait for dead letters, and their end.</summary>
public class KeepingOrder : IAsyncDisposable
{
    private static readonly EndpointId Pager = new("pager");

    private DurableStore _store = null!;

    private protected virtual Task<PostgresDatabase?> CreateDatabaseAsync() => Task.FromResult<PostgresDatabase?>(null);

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        if (_store.Database is { } database)
        {
            await database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_dead_letter_that_is_due_goes_before_those_that_wait_for_it()
    {
        var events = await Blocked("a", "a", "a");
        Assert.Empty(await Due());

        _store.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await _store.Events.QueueDueAsync(_store.Clock.GetUtcNow(), 10, Waiting.Cancellation));

        var again = Assert.Single(await Due());
        Assert.Equal((events[0].Id, Priority.Background, 1, 1), (again.Event.Id, again.Priority, again.Failures, again.AttemptsBefore));
        Assert.Equal(2, _store.Events.Waiting(Pager));
        await _store.Record(again, DeliveryOutcome.Delivered);
        Assert.Equal([events[1].Id], Ids(await Due()));
        Assert.Equal(0, await _store.Count("SELECT COUNT(*) FROM dead_letters"));
    }

    [Fact]
    public async Task One_that_fails_again_blocks_on_and_one_that_is_spent_lets_the_others_go()
    {
        var events = await Blocked("a", "a");
        _store.Clock.Advance(TimeSpan.FromMinutes(1));
        await _store.Events.QueueDueAsync(_store.Clock.GetUtcNow(), 10, Waiting.Cancellation);

        var again = Assert.Single(await Due());
        await _store.Record(again, DeliveryOutcome.Held(1, _store.Clock.GetUtcNow()));
        again = Assert.Single(await Due());
        Assert.Equal((2, 1), (again.AttemptsBefore, again.Tries));
        await _store.Record(again, Blocking());
        Assert.Empty(await Due());

        _store.Clock.Advance(TimeSpan.FromMinutes(1));
        await _store.Events.QueueDueAsync(_store.Clock.GetUtcNow(), 10, Waiting.Cancellation);
        await _store.Record(Assert.Single(await Due()), DeliveryOutcome.DeadLetter());
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

        Assert.Contains((Made.Key("a"), false), _store.Sink.HasKeys);
        Assert.Empty((await _store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
    }

    [Fact]
    public async Task A_replay_of_the_dead_letter_that_blocks_goes_in_order()
    {
        var events = await Blocked("a", "a");

        Assert.True((await Replay(new DeliveryId(events[0].Id, Pager))).IsDone);

        var replayed = Assert.Single(await Due());
        Assert.Equal(events[0].Id, replayed.Event.Id);
        Assert.NotNull(replayed.ReplayId);
        Assert.True(await _store.Events.TryBeginAsync(replayed, Waiting.Cancellation));
        await _store.Record(replayed, DeliveryOutcome.Delivered);
        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    [Fact]
    public async Task A_replay_of_an_older_event_is_in_no_order()
    {
        await Open();
        var older = (await Accept("a"))[0];
        await _store.Record(_store.Sink.Told[0], DeliveryOutcome.DeadLetter());
        await Accept("a");
        await _store.Record(_store.Sink.Told[1], Blocking());

        await Replay(new DeliveryId(older.Id, Pager));

        Assert.Empty(await Due());
        Assert.Equal([older.Id], (await _store.Pending("pager")).Select(static pending => pending.Event.Id));
    }

    [Fact]
    public async Task A_replay_of_a_newer_event_waits()
    {
        await Open();
        var events = await Accept("a", "a");
        await _store.Record(_store.Sink.Told[1], DeliveryOutcome.DeadLetter());
        await _store.Record(_store.Sink.Told[0], Blocking());

        await Replay(new DeliveryId(events[1].Id, Pager));

        Assert.Empty(await Due());
        Assert.Empty(await _store.Pending("pager"));
        await Discard(new DeliveryId(events[0].Id, Pager));
        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    [Fact]
    public async Task A_cancelled_replay_leaves_the_key_blocked_as_before()
    {
        var events = await Blocked("a", "a");
        var replay = await _store.StartAndRun(Asked.AllDeadLetters);
        Assert.Equal([events[0].Id], Ids(await Due()));

        await _store.Replays.CancelAsync(replay.Id, Actor.Service);

        Assert.Empty(await Due());
        Assert.Equal([Made.Key("a")], (await _store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
        Assert.Equal(1, await _store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0 AND next_retry_at IS NOT NULL"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_erased_event_lets_the_others_go_whether_it_blocks_or_waits(int erased)
    {
        var events = await Blocked("a", "a", "a");
        await _store.Events.ChangeAsync(transaction => ErasureWrites.Erase(transaction, events[erased].Id, keys: null));
        await Discard(new DeliveryId(events[0].Id, Pager));

        Assert.Equal([events[erased == 0 ? 1 : 2].Id], Ids(await Due()));
        Assert.Equal(erased == 0 ? 2 : 1, _store.Events.Waiting(Pager));
        Assert.Equal(0, await _store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 4 AND (key_hash IS NOT NULL OR blocks IS NOT NULL)"));
    }

    [Fact]
    public async Task A_dead_letter_that_blocks_is_never_purged()
    {
        await Open();
        await Accept("a");
        await _store.Record(_store.Sink.Told[0], DeliveryOutcome.DeadLetter() with { Blocks = true });

        await _store.PurgeAfter(TimeSpan.FromDays(100));

        Assert.Equal(1, await _store.Count("SELECT COUNT(*) FROM dead_letters"));
        Assert.Equal([Made.Key("a")], (await _store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
    }

    [Fact]
    public async Task An_event_that_is_held_is_never_purged_and_is_shown_as_pending()
    {
        var events = await Blocked("a", "a");
        await Discard(new DeliveryId(events[0].Id, Pager));
        await _store.PurgeAfter(TimeSpan.FromDays(100));

        var shown = await _store.History.FindEventAsync(events[1].Id, Waiting.Cancellation);
        Assert.Equal((EventStatus.Pending, DeliveryStatus.Pending), (shown!.Status, Assert.Single(shown.Deliveries).Status));
    }

    [Fact]
    public async Task A_deleted_endpoint_ends_what_is_held_and_unblocks_its_keys()
    {
        await Blocked("a", "a", "a");
        var endpoints = new SqlEndpoints(_store.Events);
        await endpoints.SaveAsync(Made.Registered(Made.Endpoint("pager")), before: null, Actor.Service);

        Assert.Equal(EndpointRemoval.HasWaiting, await endpoints.RemoveAsync(Pager, 1, deadLetterWaiting: false, Actor.Service));
        Assert.Equal(EndpointRemoval.Removed, await endpoints.RemoveAsync(Pager, 1, deadLetterWaiting: true, Actor.Service));
        await endpoints.ClearAllDeletedAsync(1);

        Assert.Equal(0, _store.Events.Waiting(Pager));
        Assert.Equal(0, await _store.Count("SELECT COUNT(*) FROM held"));
        Assert.Equal(3, await _store.Count("SELECT COUNT(*) FROM dead_letters WHERE blocks IS NULL"));
    }

    [Fact]
    public async Task A_dead_letter_that_is_handed_over_blocks_no_key()
    {
        _store = await new DurableStore { Ordering = Made.Ordering(OnExhausted.Block), Database = await CreateDatabaseAsync() }.Open("pager", "other");
        await _store.Accept(1, "a", "pager");

        await _store.Record(_store.Sink.Told[0], DeliveryOutcome.DeadLetter() with { HandedTo = new EndpointId("other"), Blocks = true });

        Assert.Equal([(Made.Key("a"), true), (Made.Key("a"), false)], _store.Sink.HasKeys);
        Assert.Empty((await _store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
    }

    [Fact]
    public async Task An_open_store_knows_what_waited_before()
    {
        var events = await Blocked("a", "a", "a");
        await _store.Accept(1, "b");

        await _store.Reopen();

        Assert.Equal((3, 2, false), (_store.Events.Waiting(Pager), _store.Events.Held(Pager), _store.Events.HasUnordered(Pager)));
        Assert.Equal([Made.Key("a")], (await _store.Events.ReadHeldKeysAsync(LaneId.Whole(Pager), 10)).Keys);
        await Discard(new DeliveryId(events[0].Id, Pager));
        Assert.Equal([events[1].Id], Ids(await Due()));
    }

    private static IEnumerable<Guid> Ids(IEnumerable<Delivery> deliveries) => deliveries.Select(static delivery => delivery.Event.Id);

    private Task<DeadLetterChange> Discard(DeliveryId id) => _store.History.DiscardAsync(id, Actor.Service, Waiting.Cancellation);

    private Task<DeadLetterChange> Replay(DeliveryId id) => _store.History.ReplayAsync(id, "r-1", Actor.Service, Waiting.Cancellation);

    private async Task Open() => _store = await new DurableStore { Ordering = Made.Ordering(), Database = await CreateDatabaseAsync() }.Open("pager");

    /// <summary>Accepts events of these keys: the first one is a dead letter that is tried again in a minute, and those of its key wait for it.</summary>
    private async Task<List<IntegrationEvent>> Blocked(params string[] keys)
    {
        await Open();
        var events = await Accept(keys);
        await _store.Record(_store.Sink.Told[0], Blocking());
        if (keys.Length > 1)
        {
            Assert.Empty(await _store.Events.HoldAsync([.. _store.Sink.Told.Skip(1)]).InTime());
        }

        return events;
    }

    private DeliveryOutcome Blocking() => DeliveryOutcome.DeadLetter() with { NextTryAt = _store.Clock.GetUtcNow().AddMinutes(1), Blocks = true };

    private async Task<List<IntegrationEvent>> Accept(params string[] keys)
    {
        List<IntegrationEvent> accepted = [];
        foreach (var key in keys)
        {
            accepted.AddRange(await _store.Accept(1, key));
        }

        return accepted;
    }

    private Task<IReadOnlyList<Delivery>> Due() => _store.Due(Pager);
}
