using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Storage;

/// <summary>The behaviour of every store.</summary>
public abstract class EventStoreConformance : OrderConformance
{
    [Fact]
    public async Task What_is_accepted_is_told_and_pending_in_order()
    {
        var store = await Open();
        var endpoint = Made.Endpoint();
        var events = Enumerable.Range(0, 20).Select(_ => Made.Event()).ToList();

        foreach (var accepted in events)
        {
            Assert.Equal(AcceptOutcome.Accepted, await Accept(store, accepted, endpoint));
        }

        Assert.Equal(events.Select(accepted => accepted.Id), Sink.Told.Select(delivery => delivery.Event.Id));
        Assert.Equal(Sink.Sequences.Order().Distinct(), Sink.Sequences);
        Assert.Equal(Sink.Sequences, await Pending(store, endpoint));
        Assert.Equal(20, store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task What_is_pending_is_the_event_as_it_was_accepted()
    {
        var store = await Open();
        var endpoint = Made.Endpoint();
        var accepted = Made.Event(Priority.High, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", """{"metadata":{"a":"é"}}""") with
        {
            ExpiresAt = TestClock.Noon + TimeSpan.FromHours(1),
        };
        await Accept(store, accepted, endpoint);

        var page = await store.ReadPendingAsync(LaneId.Whole(endpoint.Id), Priority.High, 0, new PageLimit(10, long.MaxValue), Waiting.Cancellation);
        var delivery = Assert.Single(page.Deliveries);

        Assert.Equal(endpoint.Id, delivery.EndpointId);
        Assert.Equal(accepted with { Payload = default }, delivery.Event with { Payload = default });
        Assert.Equal(accepted.Payload.ToArray(), delivery.Event.Payload.ToArray());
    }

    [Fact]
    public async Task Each_priority_has_its_own_pending()
    {
        var store = await Open();
        var endpoint = Made.Endpoint();
        foreach (var priority in new[] { Priority.Low, Priority.Critical, Priority.Low, Priority.Medium, Priority.Critical, Priority.High })
        {
            await Accept(store, Made.Event(priority), endpoint);
        }

        var told = Sink.Sequences.ToList();
        Assert.Equal([told[0], told[2]], await Pending(store, endpoint));
        Assert.Equal([told[3]], await Pending(store, endpoint, Priority.Medium));
        Assert.Equal([told[5]], await Pending(store, endpoint, Priority.High));
        Assert.Equal([told[1], told[4]], await Pending(store, endpoint, Priority.Critical));
        Assert.Equal(6, store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task Pending_is_read_after_a_sequence_and_up_to_a_limit()
    {
        var store = await Open();
        var endpoint = Made.Endpoint();
        await Fill(store, endpoint, 10);
        var told = Sink.Sequences.ToList();

        Assert.Equal(told[..3], await Pending(store, endpoint, limit: 3));
        Assert.Equal(told[3..7], await Pending(store, endpoint, after: told[2], limit: 4));
        Assert.Equal(told[9..], await Pending(store, endpoint, after: told[8]));
        Assert.Empty(await Pending(store, endpoint, after: told[9]));
        Assert.Empty(await Pending(store, Made.Endpoint("other")));
    }

    [Fact]
    public async Task A_record_ends_a_delivery_once_whatever_came_of_it()
    {
        var store = await Open();
        var endpoint = Made.Endpoint();
        await Fill(store, endpoint, 4);
        var told = Sink.Told;

        await store.RecordAsync(told[1], Made.Delivered(), Waiting.Cancellation);
        await store.RecordAsync(told[2], Made.Failed(), Waiting.Cancellation);
        await store.RecordAsync(told[1], Made.Delivered(), Waiting.Cancellation);
        await store.RecordAsync(told[2], Made.Delivered(), Waiting.Cancellation);

        await Waiting.Until(() => store.Waiting(endpoint.Id) <= 2);
        Assert.Equal(2, store.Waiting(endpoint.Id));
        Assert.Equal([told[0].Sequence, told[3].Sequence], await Pending(store, endpoint));
        Assert.Equal(4, Sink.Told.Count);
    }

    [Fact]
    public async Task An_expired_delivery_ends_once_and_with_its_attempt_or_without_one()
    {
        var store = await Open();
        var endpoint = Made.Endpoint();
        await Fill(store, endpoint, 4);
        var told = Sink.Told;

        await store.ExpireAsync(new Shipment { Deliveries = [told[0], told[1]] }, Waiting.Cancellation);
        await store.RecordAsync(Shipment.Of(told[2]), Made.Failed(), [DeliveryOutcome.Expired], Waiting.Cancellation);
        await store.ExpireAsync(Shipment.Of(told[0]), Waiting.Cancellation);

        await Waiting.Until(() => store.Waiting(endpoint.Id) <= 1);
        Assert.Equal(1, store.Waiting(endpoint.Id));
        Assert.Equal([told[3].Sequence], await Pending(store, endpoint));
    }

    [Fact]
    public async Task An_event_for_several_endpoints_is_owed_to_each_alone()
    {
        var store = await Open();
        var (one, two) = (Made.Endpoint("one"), Made.Endpoint("two"));

        await Accept(store, Made.Event(), one, two);
        Assert.Equal(["one", "two"], Sink.Told.Select(delivery => delivery.EndpointId.Value));
        Assert.Equal(Sink.Told[0].Sequence, Sink.Told[1].Sequence);

        await store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => store.Waiting(one.Id) == 0);
        Assert.Equal(1, store.Waiting(two.Id));
        Assert.Empty(await Pending(store, one));
        Assert.Single(await Pending(store, two));
    }

    [Fact]
    public async Task The_oldest_that_waits_is_known_by_when_it_was_accepted_whatever_its_priority()
    {
        var store = await Open();
        var (endpoint, other) = (Made.Endpoint(), Made.Endpoint("other"));
        Assert.Null(store.OldestWaiting(endpoint.Id));

        // As they were accepted, in minutes: the clock went back before the last.
        await Accept(store, At(3, Priority.Low), endpoint);
        await Accept(store, At(1, Priority.Critical), endpoint);
        await Accept(store, At(4, Priority.Low), endpoint, other);
        await Accept(store, At(2, Priority.High), endpoint);
        Assert.Equal((Minute(1), Minute(4)), (store.OldestWaiting(endpoint.Id), store.OldestWaiting(other.Id)));

        foreach (var (ended, oldest) in new[] { (1, 2), (3, 3), (0, 4) })
        {
            await store.RecordAsync(Sink.Told.Where(told => told.EndpointId == endpoint.Id).ElementAt(ended), Made.Delivered(), Waiting.Cancellation);
            await Waiting.Until(() => store.OldestWaiting(endpoint.Id) == Minute(oldest));
        }

        await store.RecordAsync(Sink.Told.Single(told => told.EndpointId == other.Id), Made.Failed(), Waiting.Cancellation);
        await Waiting.Until(() => store.OldestWaiting(other.Id) is null);
        Assert.Equal(Minute(4), store.OldestWaiting(endpoint.Id));

        static DateTimeOffset Minute(int minute) => TestClock.Noon + TimeSpan.FromMinutes(minute);

        static IntegrationEvent At(int minute, Priority priority) => Made.Event(priority) with { AcceptedAt = Minute(minute) };
    }

    [Fact]
    public async Task The_end_of_the_last_delivery_that_waits_is_told()
    {
        var store = await Open();
        var (one, two) = (Made.Endpoint("one"), Made.Endpoint("two"));
        await Accept(store, Made.Event(), one, two);
        await Accept(store, Made.Event(), one);

        await store.RecordAsync(Sink.Told[0], Made.Failed(), Waiting.Cancellation);
        await store.RecordAsync(Sink.Told[1], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => store.Waiting(one.Id) + store.Waiting(two.Id) == 1);
        Assert.Equal([two.Id], Sink.HasDrained);

        await store.RecordAsync(Sink.Told[2], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => Sink.HasDrained.Count == 2);
        Assert.Equal((one.Id, 0), (Sink.HasDrained[1], store.Waiting(one.Id)));
    }

    [Fact]
    public async Task An_event_for_no_endpoint_is_accepted_and_owed_to_none()
    {
        var store = await Open();

        Assert.Equal(AcceptOutcome.Accepted, await Accept(store, Made.Event()));
        Assert.Empty(Sink.Told);
    }

    [Fact]
    public async Task Nothing_is_kept_for_a_caller_who_has_gone_before()
    {
        var store = await Open();
        var endpoint = Made.Endpoint();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.AcceptAsync([new RoutedEvent(Made.Event(), [endpoint])], null, new CancellationToken(true)).AsTask());

        Assert.Equal(0, store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task Many_at_once_get_sequences_of_their_own_and_are_told_in_order()
    {
        var store = await Open();
        var endpoint = Made.Endpoint(queueSize: 100_000);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Fill(store, endpoint, 250)))).InTime();

        Assert.Equal(4_000, Sink.Told.Count);
        Assert.False(Sink.WasToldByTwoAtOnce);
        Assert.Equal(Sink.Sequences.Order().Distinct(), Sink.Sequences);
        Assert.Equal(4_000, Sink.Told.Select(delivery => delivery.Event.Id).Distinct().Count());
        Assert.Equal(Sink.Sequences, await Pending(store, endpoint, limit: 5_000));
    }

    [Fact]
    public Task It_behaves_as_a_plain_list_would() => EventStoreModel.Check(Create);
}
