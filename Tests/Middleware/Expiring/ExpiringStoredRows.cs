using Middleware.Delivering;
using Middleware.Events;
using Middleware.History;
using Middleware.Storage.Sql;
using Tests.Middleware.Storage;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Expiring;

/// <summary>The rows of what expires, on SQLite.</summary>
[Trait("Store", "Any")]
public sealed class ExpiringStoredRows : StoredRowsConformance;

/// <summary>The rows of what expires, on PostgreSQL.</summary>
[Trait("Speed", "Slow")]
public sealed class ExpiringStoredRowsOnPostgres : StoredRowsConformance
{
    private protected override async Task<PostgresDatabase?> CreateDatabaseAsync() => await EmptyStore.CopyAsync();
}

/// <summary>The rows of what expires, at a store by itself.</summary>
public abstract class StoredRowsConformance : OnADurableStore
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_sweep_ends_a_part_at_a_time_and_each_event_once()
    {
        await Store.Open("one", "two");
        using var expiry = new SqlExpiry(Store.Events);
        await AcceptExpiring(SqlExpiry.AtOnce + 1);
        await Store.Accept(3);
        Assert.True((await expiry.SweepEventsAsync(TestClock.Noon + Minute - TimeSpan.FromTicks(10))).IsLast);
        Assert.Equal(SqlExpiry.AtOnce + 4, Store.Events.Waiting(new EndpointId("one")));

        var first = await expiry.SweepEventsAsync(TestClock.Noon + Minute);
        Assert.Equal((2 * SqlExpiry.AtOnce, false), (first.Ended.Count, first.IsLast));
        var last = await expiry.SweepEventsAsync(TestClock.Noon + Minute);
        Assert.Equal((2, true), (last.Ended.Count, last.IsLast));
        var none = await expiry.SweepEventsAsync(TestClock.Noon + (2 * Minute));
        Assert.Equal((0, true), (none.Ended.Count, none.IsLast));

        Assert.Equal((3, 3), (Store.Events.Waiting(new EndpointId("one")), Store.Events.Waiting(new EndpointId("two"))));
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM expiring"));
        Assert.Equal(2 * (SqlExpiry.AtOnce + 1), await Store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 5"));
    }

    [Fact]
    public async Task An_event_without_an_expiry_or_an_endpoint_has_no_row_for_it()
    {
        await Store.Open("one");

        await Store.Accept(2);
        await AcceptExpiring(1, isRouted: false);

        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM expiring"));
    }

    [Fact]
    public async Task A_dead_letter_that_is_due_after_its_event_expired_ends_and_is_not_queued()
    {
        await Store.Open("one");
        await AcceptExpiring(1);
        var delivery = Assert.Single(await Store.Pending("one", Priority.Low));
        await Store.Events.RecordAsync(delivery, Made.Failed(), Waiting.Cancellation, nextRetryAt: TestClock.Noon + (Minute / 2));
        await Waiting.Until(() => Store.Events.Waiting(new EndpointId("one")) == 0);

        Assert.Equal(1, await Store.Events.QueueDueAsync(TestClock.Noon + Minute, 10, Waiting.Cancellation));

        Assert.Empty(await Store.Pending("one"));
        Assert.Equal(1, await Store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 5 AND reason = 'expired' AND next_retry_at IS NULL"));
    }

    [Fact]
    public async Task Expired_ones_are_purged_as_others_that_ended()
    {
        await Store.Open("one");
        using var expiry = new SqlExpiry(Store.Events);
        await AcceptExpiring(2);
        await expiry.SweepEventsAsync(TestClock.Noon + Minute);
        Store.Clock.Advance(TimeSpan.FromDays(8));

        await Store.Purge.ExecuteAsync(Waiting.Cancellation);

        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM events"));
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM dead_letters"));
    }

    [Fact]
    public async Task The_oldest_of_an_endpoint_end_by_its_max_age_and_replays_stay()
    {
        await Store.Open("one", "two");
        using var expiry = new SqlExpiry(Store.Events);
        var old = await Store.Accept(SqlExpiry.AtOnce + 2);
        Store.Clock.Advance(Minute);
        await Store.Accept(3);
        var (one, until) = (new EndpointId("one"), TestClock.Noon + Minute - TimeSpan.FromTicks(10));

        Assert.False((await expiry.SweepEndpointAsync(one, until)).IsLast);
        var last = await expiry.SweepEndpointAsync(one, until);
        Assert.Equal((2, true), (last.Ended.Count, last.IsLast));
        Assert.Equal(old[^1].Id, last.Ended[^1].EventId);
        Assert.Equal((3, SqlExpiry.AtOnce + 5), (Store.Events.Waiting(one), Store.Events.Waiting(new EndpointId("two"))));

        await Store.History.ReplayAsync(old[0].Id, new ReplayTarget(one), "r", Store.Has, Actor.Service, Waiting.Cancellation);
        Assert.Empty((await expiry.SweepEndpointAsync(one, until)).Ended);
        Assert.Single(await Store.Pending("one"));
        Assert.Empty((await expiry.SweepEndpointAsync(new EndpointId("none"), until)).Ended);
    }

    [Fact]
    public async Task A_half_that_expires_before_it_is_kept_ends_the_batch_that_it_was_of()
    {
        await Store.Open("one");
        var accepted = await Store.Accept(2);
        var deliveries = await Store.Pending("one", Priority.Low);
        var batch = new Shipment { BatchId = accepted[0].Id, Deliveries = deliveries };
        await Store.Events.KeepBatchAsync(batch);
        Assert.Equal(1, await Store.Count("SELECT COUNT(*) FROM batches"));

        var half = new Shipment { BatchId = accepted[1].Id, HalfOf = batch.BatchId, Deliveries = deliveries[..1] };
        await Store.Events.ExpireAsync(half, Waiting.Cancellation);

        await Waiting.Until(() => Store.Events.Waiting(new EndpointId("one")) == 1);
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM batches"));
    }

    private Task AcceptExpiring(int count, bool isRouted = true) => Store.Accept(
        Enumerable.Range(0, count).Select(static _ => Made.Event() with { ExpiresAt = TestClock.Noon + Minute }),
        isRouted ? [.. ((string[])["one", "two"]).Where(id => Store.Has(new EndpointId(id))).Select(static id => Made.Endpoint(id, queueSize: 1_000_000))] : []);
}
