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
    public Task A_delivery_under_way_is_left_to_its_worker_and_nothing_else_is_owed() => CancelledUnderWay.IsLeftAsync(_delivering, _cancelling);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_delivery_that_waits_again_before_or_after_the_cancel_is_taken_back_and_not_sent_again(bool isBefore) => CancelledUnderWay.IsTakenBackAsync(
        _delivering,
        _cancelling,
        isBefore,
        () => Waiting.Until(async () => await _cancelling.Count("SELECT COUNT(*) FROM pending WHERE begun") == 0));

    [Fact]
    public async Task Nothing_of_a_replay_is_under_way_on_a_lane_that_has_a_new_owner()
    {
        await _delivering.Fail(2);
        await _delivering.Start(Asked.AllDeadLetters);
        await _delivering.RunAll();
        await _database.ExecuteAsync("UPDATE pending SET begun = TRUE");
        await _database.ExecuteAsync("INSERT INTO held (endpoint, key_hash, seq, priority, replay, begun) SELECT endpoint, 1, event, -1, replay, TRUE FROM pending LIMIT 1");

        await AdoptAsync(static (_, key, _) => key is not null);
        Assert.Equal((2, 0), (await _cancelling.Count("SELECT COUNT(*) FROM pending WHERE begun"), await _cancelling.Count("SELECT COUNT(*) FROM held WHERE begun")));
        await AdoptAsync(static (_, _, _) => true);
        Assert.Equal(0, await _cancelling.Count("SELECT COUNT(*) FROM pending WHERE begun"));
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

    private Task<bool> AdoptAsync(IsOfLane isGained) => _delivering.Events.ChangeAsync(transaction =>
    {
        LaneAdoption.Run(transaction.Connection, new EndpointRows(), isGained);
        return true;
    });
}
