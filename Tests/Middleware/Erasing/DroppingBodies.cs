using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Delivering;
using Middleware.Events;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Erasing;

/// <summary>A lane drops the bodies of erased events wherever it holds them, and keeps its order and its count.</summary>
public sealed class DroppingBodies
{
    private readonly LaneBudget _budget = new();

    [Fact]
    public void A_window_drops_held_bodies_and_keeps_the_order()
    {
        var window = Window();
        var deliveries = Enumerable.Range(1, 5).Select(static sequence => Made.Delivery(sequence)).ToList();
        deliveries.ForEach(delivery => Assert.True(window.Offer(delivery)));
        var held = _budget.Held;

        window.Erase(new HashSet<long> { 2, 4, 9 });

        Assert.Equal(held - (2 * deliveries[0].Event.Payload.Length), _budget.Held);
        Assert.Equal([(1, false), (2, true), (3, false), (4, true), (5, false)], Taken(window));
        Assert.Equal(0, _budget.Held);
    }

    [Fact]
    public void A_window_leaves_out_what_is_erased_while_it_is_read()
    {
        var window = Window(isRead: false);
        Assert.True(window.TryStartRefill());
        Assert.NotNull(window.NextRead().Limit);

        window.Erase(new HashSet<long> { 2 });

        Assert.Equal(2, window.Load(new PendingPage([Made.Delivery(1), Made.Delivery(2), Made.Delivery(3)], IsLast: true), []));
        Assert.Equal([(1, false), (3, false)], Taken(window));
    }

    [Fact]
    public void A_batch_goes_on_without_them_and_the_last_stays_without_its_body()
    {
        var batch = new Shipment { Deliveries = [Made.Delivery(1), Made.Delivery(2), Made.Delivery(3)], BatchId = Guid.Empty };

        var left = batch.Without(Priority.Low, new HashSet<long> { 1, 3 });
        var none = batch.Without(Priority.Low, new HashSet<long> { 1, 2, 3 });

        Assert.Equal([(2, false)], left.Deliveries.Select(static delivery => (delivery.Sequence, delivery.IsErased)));
        Assert.Equal([(1, true)], none.Deliveries.Select(static delivery => (delivery.Sequence, delivery.IsErased)));
        Assert.Same(batch, batch.Without(Priority.High, new HashSet<long> { 1 }));
    }

    [Fact]
    public void What_came_back_loses_its_body_too()
    {
        var clock = new TestClock();
        using var circuit = new Circuit(clock, Waiting.Cancellation);
        var (givenBack, pass) = (new GivenBack(new LaneDemand(), clock), circuit.TryEnter(out _)!);
        givenBack.Add(Shipment.Of(Made.Delivery(1)), wasProbe: false);
        givenBack.Add(Shipment.Of(Made.Delivery(2)), wasProbe: false);

        givenBack.Erase(Priority.Low, new HashSet<long> { 1 });

        Assert.Equal(2, givenBack.TryTakeForBatch(null)?.Sequence);
        Assert.Null(givenBack.TryTakeForBatch(null));
        Assert.True(givenBack.TryTakeBefore(null, pass)?.First is { Sequence: 1, IsErased: true });
    }

    [Fact]
    public async Task The_next_of_a_key_goes_on_when_a_batch_that_came_back_has_none_of_it_any_more()
    {
        var (store, clock) = (new ListStore(), new TestClock());
        List<Delivery> batch = [.. Enumerable.Range(7, 3).Select(key => store.Commit(Priority.Ordered, key))];
        store.Batches = [new Shipment { Deliveries = batch, BatchId = Guid.Empty }];
        using var lane = new Lane(LaneId.Whole(EndpointId.Default), new LaneGate(new Circuit(clock, Waiting.Cancellation), clock), _budget, store, clock, NullLogger<Lane>.Instance);
        store.Told = lane.Offer;
        lane.Follow(plan: null, isOrdered: true);
        lane.Start();
        List<Delivery> next = [.. Enumerable.Range(7, 3).Select(key => store.Commit(Priority.Ordered, key))];

        lane.Erase(Priority.Ordered, new HashSet<long> { batch[0].Sequence, batch[1].Sequence });

        Assert.Equal([batch[2].Sequence], await Sequences());
        Assert.Equal([next[0].Sequence], await Sequences());
        Assert.Equal([next[1].Sequence], await Sequences());
        Assert.Null(await lane.TakeAsync(Waiting.Cancellation));

        async Task<IEnumerable<long>> Sequences() => (await lane.TakeAsync(Waiting.Cancellation))!.Value.Shipment.Deliveries.Select(static delivery => delivery.Sequence);
    }

    private LaneWindow Window(bool isRead = true)
    {
        var window = new LaneWindow(Priority.Low, _budget);
        if (isRead)
        {
            Assert.True(window.TryStartRefill());
            Assert.NotNull(window.NextRead().Limit);
            window.Load(new PendingPage([], IsLast: true), []);
            Assert.Null(window.NextRead().Limit);
        }

        return window;
    }

    private static IEnumerable<(long, bool)> Taken(LaneWindow window)
    {
        while (window.TryTake(out var delivery))
        {
            yield return (delivery.Sequence, delivery.IsErased);
        }
    }
}
