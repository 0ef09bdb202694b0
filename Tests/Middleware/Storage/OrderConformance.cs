using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Storage;

/// <summary>The order by key of every store.</summary>
public abstract class OrderConformance : QueueConformance
{
    private static readonly WebhookEndpoint Endpoint = Made.Endpoint() with { Ordering = Made.Ordering() };
    private static readonly LaneId Lane = LaneId.Whole(Endpoint.Id);

    [Fact]
    public async Task Deliveries_in_order_by_key_are_pending_in_order_of_acceptance_whatever_their_priorities()
    {
        foreach (var priority in Priorities.OfEvents)
        {
            await Accept(Made.Event(priority), Endpoint);
        }

        Assert.Equal(Sink.Sequences, await Pending(Endpoint, Priority.Ordered));
        Assert.All(Sink.Told, static told => Assert.Equal((Priority.Ordered, Made.Key("tests")), (told.Priority, told.Key)));
        var page = await Store.ReadPendingAsync(Lane, Priority.Ordered, 0, new PageLimit(10, long.MaxValue), Waiting.Cancellation);
        Assert.All(page.Deliveries, static pending => Assert.Equal((Made.Key("tests"), false), (pending.Key, pending.IsHeld)));
        Assert.Equal((4, 0, false), (Store.Waiting(Endpoint.Id), Store.Held(Endpoint.Id), Store.HasUnordered(Endpoint.Id)));
        Assert.NotNull(Store.OldestWaiting(Endpoint.Id));
    }

    [Fact]
    public async Task A_failed_delivery_is_held_until_its_next_attempt_is_due()
    {
        await Accept("a");
        var at = TestClock.Noon.AddSeconds(5);

        await Store.RecordAsync(Shipment.Of(Sink.Told[0]), Made.Failed(), [DeliveryOutcome.Held(1, at)], Waiting.Cancellation);

        Assert.Equal([(Made.Key("a"), true)], Sink.HasKeys);
        await Waiting.Until(() => Store.Held(Endpoint.Id) == 1);
        Assert.Equal([at], Sink.HasDue);
        Assert.Empty(await Pending(Endpoint, Priority.Ordered));
        Assert.Equal(1, Store.Waiting(Endpoint.Id));
        Assert.NotNull(Store.OldestWaiting(Endpoint.Id));
        var early = await Store.ReadHeldAsync(Lane, at.AddTicks(-10), static _ => false);
        Assert.Empty(early.Due);
        Assert.Equal(at, early.NextAt);
        var held = Assert.Single((await Store.ReadHeldAsync(Lane, at, static _ => false)).Due);
        Assert.Equal(
            (Sink.Told[0].Sequence, Sink.Told[0].EventSequence, Priority.Ordered, true, 1, 1, at),
            (held.Sequence, held.EventSequence, held.Priority, held.IsHeld, held.Tries, held.AttemptsBefore, held.NotBefore));
        Assert.Empty((await Store.ReadHeldAsync(Lane, at, static _ => true)).Due);
    }

    [Fact]
    public async Task The_next_ones_of_its_key_are_held_behind_it_and_those_of_other_keys_are_not()
    {
        await Accept("a", "a", "b", "a");
        await Hold(Sink.Told[0]);

        Assert.Equal([Made.Key("b")], await Store.HoldAsync([.. Sink.Told.Skip(1)]).InTime());

        Assert.Equal([Sink.Told[2].Sequence], await Pending(Endpoint, Priority.Ordered));
        Assert.Equal((4, 3), (Store.Waiting(Endpoint.Id), Store.Held(Endpoint.Id)));
        Assert.Equal([Sink.Told[0].Sequence], await Due());
    }

    [Fact]
    public async Task Held_deliveries_come_one_after_the_other_and_the_key_is_released_behind_the_last()
    {
        await Accept("a", "a", "a");
        await Hold(Sink.Told[0]);
        await Store.HoldAsync([.. Sink.Told.Skip(1)]).InTime();

        foreach (var expected in Sink.Told)
        {
            var page = await Waiting.SeeAsync(() => Store.ReadHeldAsync(Lane, TestClock.Noon, static _ => false).AsTask(), page => page.Due is [var next] && next.Sequence == expected.Sequence, "the next is due");
            Assert.DoesNotContain((Made.Key("a"), false), Sink.HasKeys);
            await Store.RecordAsync(page.Due[0], Made.Delivered(), Waiting.Cancellation);
        }

        await Waiting.Until(() => Sink.HasKeys.Contains((Made.Key("a"), false)));
        Assert.Equal((0, 0), (Store.Waiting(Endpoint.Id), Store.Held(Endpoint.Id)));
        Assert.Equal([Made.Key("a")], await Store.HoldAsync([Sink.Told[0]]).InTime());
    }

    [Fact]
    public async Task Held_deliveries_count_for_the_queue()
    {
        var small = Endpoint with { Queue = new QueueLimit(2, WhenFull.Reject) };
        await Accept(Made.Event(), small);
        await Accept(Made.Event(), small);
        await Hold(Sink.Told[0]);
        await Store.HoldAsync([Sink.Told[1]]).InTime();

        Assert.Equal(AcceptOutcome.QueueFull, await Accept(Made.Event(), small));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dead_letter_has_its_key_wait_only_where_it_blocks(bool blocks)
    {
        await Accept("a", "a");
        var outcome = DeliveryOutcome.DeadLetter() with { NextTryAt = blocks ? TestClock.Noon.AddMinutes(1) : null, Blocks = blocks };

        await Store.RecordAsync(Shipment.Of(Sink.Told[0]), Made.Failed(), [outcome], Waiting.Cancellation);

        Assert.Equal(blocks ? [] : [Made.Key("a")], await Store.HoldAsync([Sink.Told[1]]).InTime());
        Assert.Equal((1, blocks ? 1 : 0), (Store.Waiting(Endpoint.Id), Store.Held(Endpoint.Id)));
        Assert.Empty(await Due());
        Assert.Equal(blocks ? [Made.Key("a")] : [], (await Store.ReadHeldKeysAsync(Lane, 10).InTime()).Keys);
    }

    [Fact]
    public async Task A_question_is_answered_behind_all_that_was_recorded_before_it()
    {
        await Accept([.. Enumerable.Range(0, 1_000).SelectMany(static number => (string[])[$"{number}", $"{number}"])]);
        List<Delivery> failing = [.. Sink.Told.Where(static (_, index) => index % 2 == 0)], next = [.. Sink.Told.Where(static (_, index) => index % 2 == 1)];

        foreach (var delivery in failing)
        {
            await Store.RecordAsync(Shipment.Of(delivery), Made.Failed(), [DeliveryOutcome.Held(1, TestClock.Noon)], Waiting.Cancellation);
        }

        Assert.Empty(await Store.HoldAsync(next).InTime());
        Assert.Equal(2_000, Store.Held(Endpoint.Id));
    }

    [Fact]
    public async Task An_attempt_that_is_recorded_twice_changes_nothing()
    {
        await Accept("a", "a");
        await Hold(Sink.Told[0]);
        await Store.HoldAsync([Sink.Told[1]]).InTime();
        var held = (await Store.ReadHeldAsync(Lane, TestClock.Noon, static _ => false)).Due[0];

        await Store.RecordAsync(held, Made.Delivered(), Waiting.Cancellation);
        await Store.RecordAsync(held, Made.Delivered(), Waiting.Cancellation);

        await Waiting.Until(() => Store.Waiting(Endpoint.Id) == 1);
        Assert.Equal([Sink.Told[1].Sequence], await Due());
        Assert.Equal(1, Store.Held(Endpoint.Id));
    }

    [Fact]
    public async Task The_keys_that_wait_are_read_as_far_as_they_are_wanted()
    {
        await Accept("a", "b", "c");
        foreach (var delivery in Sink.Told)
        {
            await Hold(delivery);
        }

        await Waiting.Until(() => Store.Held(Endpoint.Id) == 3);
        var (all, some) = (await Store.ReadHeldKeysAsync(Lane, 3).InTime(), await Store.ReadHeldKeysAsync(Lane, 2).InTime());
        Assert.Equal(new HashSet<long> { Made.Key("a"), Made.Key("b"), Made.Key("c") }, all.Keys.ToHashSet());
        Assert.Equal((true, false, 2), (all.IsAll, some.IsAll, some.Keys.Count));
    }

    [Fact]
    public async Task Deliveries_without_an_order_are_known_from_the_others()
    {
        await Accept(Made.Event(), Endpoint with { Ordering = null });
        await Accept("a");
        Assert.True(Store.HasUnordered(Endpoint.Id));

        await Store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);

        await Waiting.Until(() => !Store.HasUnordered(Endpoint.Id));
        Assert.Equal(1, Store.Waiting(Endpoint.Id));
    }

    private async Task<IEnumerable<long>> Due() =>
        (await Store.ReadHeldAsync(Lane, TestClock.Noon, static _ => false)).Due.Select(static held => held.Sequence);

    private async Task Accept(params string[] keys)
    {
        foreach (var key in keys)
        {
            await Accept(Made.Event() with { Source = key }, Endpoint with { Queue = new QueueLimit(100_000, WhenFull.Park) });
        }
    }

    private ValueTask Hold(Delivery delivery) =>
        Store.RecordAsync(Shipment.Of(delivery), Made.Failed(), [DeliveryOutcome.Held(1, TestClock.Noon)], Waiting.Cancellation);
}
