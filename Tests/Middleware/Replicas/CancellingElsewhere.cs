using Middleware.Events;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Tests.Middleware.Replays;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Replicas;

/// <summary>Two stores on one database, of which one delivers and the other cancels replays.</summary>
public sealed class CancellingElsewhere : IAsyncLifetime
{
    private PostgresDatabase _database = null!;
    private DurableStore _delivering = null!;
    private DurableStore _cancelling = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        (_delivering, _cancelling) = (await new DurableStore { Database = _database }.Open("default"), await new DurableStore { Database = _database }.Open("default"));
    }

    public async ValueTask DisposeAsync()
    {
        _delivering.Dispose();
        _cancelling.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_delivery_under_way_is_left_to_its_worker_and_nothing_else_is_owed()
    {
        await _delivering.Fail(3);
        var replay = await _delivering.Start(Asked.AllDeadLetters);
        await _delivering.RunAll();
        var pending = await _delivering.Pending();
        Assert.True(await _delivering.Events.TryBeginAsync(pending[1], Waiting.Cancellation));

        await _cancelling.Replays.CancelAsync(replay.Id, Actor.Service);

        Assert.Equal(("Cancelled", 1, 1), _cancelling.Progress(replay));
        Assert.Equal(pending[1].Event.Id, Assert.Single(await _delivering.Pending()).Event.Id);
        Assert.False(await _delivering.Events.TryBeginAsync(pending[0], Waiting.Cancellation));

        await _delivering.Answer(200, priority: Priority.Background);
        Assert.Equal(("Cancelled", 1, 0), _cancelling.Progress(replay));
        Assert.Equal(2, await _cancelling.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
        Assert.Equal(4, await _cancelling.Count("SELECT COUNT(*) FROM attempts"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delivery_that_waits_again_before_or_after_the_cancel_is_taken_back_and_not_sent_again(bool isBefore)
    {
        await _delivering.Fail(1);
        var replay = await _delivering.Start(Asked.AllDeadLetters);
        await _delivering.RunAll();
        var pending = Assert.Single(await _delivering.Pending());
        Assert.True(await _delivering.Events.TryBeginAsync(pending, Waiting.Cancellation));
        if (isBefore)
        {
            _delivering.Events.GiveBack(pending);
            await Waiting.Until(async () => await _cancelling.Count("SELECT COUNT(*) FROM pending WHERE begun") == 0);
            await _cancelling.Replays.CancelAsync(replay.Id, Actor.Service);
            Assert.Equal(("Cancelled", 0, 0), _cancelling.Progress(replay));
        }
        else
        {
            await _cancelling.Replays.CancelAsync(replay.Id, Actor.Service);
            _delivering.Events.GiveBack(pending);
        }

        Assert.False(await _delivering.Events.TryBeginAsync(pending, Waiting.Cancellation));

        Assert.Empty(await _cancelling.Pending());
        Assert.Equal(("Cancelled", 0, 0), _cancelling.Progress(replay));
        Assert.Equal(1, await _cancelling.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }

    [Fact]
    public async Task Nothing_of_a_replay_is_under_way_on_a_lane_that_has_a_new_owner()
    {
        await _delivering.Fail(2);
        await _delivering.Start(Asked.AllDeadLetters);
        await _delivering.RunAll();
        await _database.ExecuteAsync("UPDATE pending SET begun = TRUE");
        await _database.ExecuteAsync("INSERT INTO held (endpoint, key_hash, seq, priority, replay, begun) SELECT endpoint, 1, event, -1, replay, TRUE FROM pending LIMIT 1");

        await _delivering.Events.ChangeAsync(static transaction =>
        {
            LaneAdoption.Run(transaction.Connection, new EndpointRows(), Enumerable.Range(0, SlotPlan.Slots).ToHashSet());
            return true;
        });

        Assert.Equal(0, await _cancelling.Count("SELECT (SELECT COUNT(*) FROM pending WHERE begun) + (SELECT COUNT(*) FROM held WHERE begun)"));
    }

    [Fact]
    public async Task Deliveries_that_begin_while_their_replay_is_cancelled_are_sent_or_taken_back()
    {
        await _delivering.Fail(50);
        var replay = await _delivering.Start(Asked.AllDeadLetters);
        await _delivering.RunAll();
        var pending = await _delivering.Pending();

        var beginning = pending.Select(delivery => Task.Run(async () => await _delivering.Events.TryBeginAsync(delivery, Waiting.Cancellation))).ToList();
        await _cancelling.Replays.CancelAsync(replay.Id, Actor.Service);
        var begun = (await Task.WhenAll(beginning)).Count(static isBegun => isBegun);

        Assert.Equal(("Cancelled", begun, begun), _cancelling.Progress(replay));
        Assert.Equal(50 - begun, await _cancelling.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 0"));
    }
}
