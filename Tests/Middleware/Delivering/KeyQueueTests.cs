using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class KeyQueueTests
{
    private readonly LaneBudget _budget = new();
    private readonly LaneWindow _window;
    private readonly KeyQueue _queue;
    private long _sequence;

    public KeyQueueTests()
    {
        _budget.AddLanes(1);
        _window = new LaneWindow(Priority.Ordered, _budget);
        _window.Load(new PendingPage([], IsLast: true), []);
        _queue = new KeyQueue(_budget, mostHeldKeys: 4);
    }

    [Fact]
    public void One_of_a_key_is_ready_at_a_time_and_other_keys_go_on()
    {
        Assert.Equal(3, TakeIn(1, 1, 2, 1, 3));

        var (one, two, three) = (Take(), Take(), Take());
        Assert.Equal([1, 3, 5], [one.Sequence, two.Sequence, three.Sequence]);
        Assert.False(_queue.TryPeek(forBatch: false, out _));
        Assert.Equal(0, _queue.End(two));
        Assert.Equal(1, _queue.End(one));
        Assert.Equal(2, Take().Sequence);
    }

    [Fact]
    public void A_batch_has_no_second_event_of_a_key()
    {
        TakeIn(1, 1, 2);

        Assert.Equal([1, 3], [Take(forBatch: true).Sequence, Take(forBatch: true).Sequence]);
        Assert.False(_queue.TryPeek(forBatch: true, out _));
    }

    [Fact]
    public void Held_deliveries_go_alone_and_hold_up_no_batch()
    {
        Assert.Equal(1, _queue.TakeInHeld([Made.Delivery(++_sequence, Priority.Ordered) with { Key = 9, IsHeld = true }]));
        TakeIn(1);

        Assert.Equal(2, Take(forBatch: true).Sequence);
        Assert.Equal(1, Take().Sequence);
    }

    [Fact]
    public void The_deliveries_behind_a_failed_one_are_asked_for_and_those_of_a_key_that_waits_leave()
    {
        TakeIn(1, 1, 1, 2);
        var failed = Take();
        _queue.Hold(1);

        Assert.Equal(0, _queue.End(failed));

        Assert.Equal([2, 3], _queue.TakeToAsk()!.Select(static delivery => delivery.Sequence));
        Assert.Equal(0, TakeIn(1));
        Assert.Null(_queue.TakeToAsk());
        Assert.Equal(0, _queue.Answer(new HashSet<long>()));
        Assert.Equal(5, Assert.Single(_queue.TakeToAsk()!).Sequence);
    }

    [Fact]
    public void Deliveries_of_a_key_that_turns_out_to_be_free_go_on_in_order()
    {
        TakeIn(1, 1, 1);
        var first = Take();
        _queue.Hold(1);
        _queue.End(first);
        _queue.TakeToAsk();
        TakeIn(1);

        Assert.Equal(1, _queue.Answer(new HashSet<long> { 1 }));

        List<long> sent = [];
        for (var left = 3; left > 0; left--)
        {
            var next = Take();
            sent.Add(next.Sequence);
            _queue.End(next);
        }

        Assert.Equal([2, 3, 4], sent);
        Assert.Null(_queue.TakeToAsk());
    }

    [Fact]
    public void A_held_delivery_whose_key_is_at_hand_is_read_again_after_that()
    {
        TakeIn(1);
        var underWay = Take();
        var held = underWay with { IsHeld = true };

        Assert.True(_queue.HasNoPlaceFor(1));
        Assert.Equal(0, _queue.TakeInHeld([held]));
        Assert.False(_queue.TakeIsWorthARead());

        _queue.End(underWay);
        Assert.True(_queue.TakeIsWorthARead());
        Assert.False(_queue.TakeIsWorthARead());
        Assert.Equal(1, _queue.TakeInHeld([held]));
    }

    [Fact]
    public void No_more_held_deliveries_are_at_hand_than_there_is_room_for()
    {
        List<Delivery> held = [.. Enumerable.Range(1, HeldAtHand.Most + 1).Select(static number => Made.Delivery(number, Priority.Ordered) with { Key = number, IsHeld = true })];

        Assert.Equal(HeldAtHand.Most, _queue.TakeInHeld(held));

        Assert.True(_queue.HasNoPlaceFor(-1));
        for (var left = HeldAtHand.Most / 2; left > 0; left--)
        {
            Assert.False(_queue.TakeIsWorthARead());
            _queue.End(Take());
        }

        Assert.True(_queue.TakeIsWorthARead());
        Assert.False(_queue.HasNoPlaceFor(HeldAtHand.Most + 1));
    }

    [Fact]
    public void Beyond_its_keys_each_is_asked_for_until_they_fit_again()
    {
        foreach (var key in (long[])[1, 2, 3, 4])
        {
            _queue.Hold(key);
        }

        Assert.Equal(1, TakeIn(10));
        _queue.Hold(5);
        Assert.Equal(0, TakeIn(11));
        Assert.Equal(11, Assert.Single(_queue.TakeToAsk()!).Key);
        Assert.Equal(1, _queue.Answer(new HashSet<long> { 11 }));

        // One of the four that fitted has gone, so it is read whether all do.
        Assert.True(_queue.Release(1));
        _queue.EndLoad(new HeldKeysPage([2, 3, 4, 5], IsAll: true));

        Assert.Equal(1, TakeIn(12, 5));
        Assert.Equal(5, Assert.Single(_queue.TakeToAsk()!).Key);
    }

    [Fact]
    public void It_holds_no_more_than_its_size_and_goes_on_when_there_is_room()
    {
        TakeIn(Enumerable.Repeat(1L, KeyQueue.Size));
        Assert.Equal(0, TakeIn(2));

        // The one that is taken is under way, and leaves room.
        var first = Take();
        Assert.Equal(1, TakeIn());
        Assert.Equal(KeyQueue.Size + 1, Take().Sequence);
        Assert.Equal(1, _queue.End(first));
    }

    [Fact]
    public void All_that_it_holds_counts_for_the_budget()
    {
        TakeIn(1, 1, 2, 3);
        Assert.True(_budget.Held > 0);
        _queue.Hold(3);
        TakeIn(4, 3);

        var first = Take();
        _queue.End(first);
        while (_queue.TryPeek(forBatch: false, out var next))
        {
            Assert.True(_queue.TryTake(next));
            _queue.End(next);
            _queue.TakeToAsk();
            _queue.Answer(new HashSet<long>());
        }

        Assert.Equal(0, _budget.Held);
    }

    [Fact]
    public void Bodies_of_erased_events_are_dropped_wherever_they_are()
    {
        TakeIn(1, 1, 2);
        var before = _budget.Held;

        _queue.Erase(Priority.Ordered, new HashSet<long> { 1, 2 });

        Assert.True(_budget.Held < before);
        var first = Take();
        Assert.True(first.IsErased);
        Assert.False(Take().IsErased);
        _queue.End(first);
        Assert.True(Take().IsErased);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_key_of_a_held_delivery_stays_taken_until_its_outcome_is_committed(bool isWrittenFirst)
    {
        var held = Made.Delivery(++_sequence, Priority.Ordered) with { Key = 1, IsHeld = true };
        _queue.TakeInHeld([held]);
        _queue.Recording(Take().Key!.Value);

        _ = isWrittenFirst ? _queue.Recorded(1) : _queue.End(held);
        Assert.Equal(0, _queue.TakeInHeld([held]));
        _ = isWrittenFirst ? _queue.End(held) : _queue.Recorded(1);

        Assert.True(_queue.TakeIsWorthARead());
        Assert.Equal(1, _queue.TakeInHeld([held]));
        Take();
        Assert.Equal(0, _queue.Recorded(1));
    }

    [Fact]
    public void One_that_was_not_tried_frees_its_key_at_once()
    {
        var held = Made.Delivery(++_sequence, Priority.Ordered) with { Key = 1, IsHeld = true };
        _queue.TakeInHeld([held]);
        Take();

        _queue.End(held);

        Assert.Equal(1, _queue.TakeInHeld([held]));
    }

    [Fact]
    public void Nothing_is_taken_in_while_it_is_shut()
    {
        _queue.IsShut = true;
        Assert.Equal(0, TakeIn(1));

        _queue.IsShut = false;
        Assert.Equal(1, TakeIn());
    }

    /// <summary>Offers a delivery of each key to the window, and has the queue take in what is there.</summary>
    private int TakeIn(params IEnumerable<long> keys)
    {
        foreach (var key in keys)
        {
            Assert.True(_window.Offer(Made.Delivery(++_sequence, Priority.Ordered) with { Key = key }));
        }

        return _queue.TakeIn(_window);
    }

    private Delivery Take(bool forBatch = false)
    {
        Assert.True(_queue.TryPeek(forBatch, out var next));
        Assert.True(_queue.TryTake(next));
        return next;
    }
}
