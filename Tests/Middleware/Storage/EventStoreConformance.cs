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
        var endpoint = Made.Endpoint();
        var events = Enumerable.Range(0, 20).Select(_ => Made.Event()).ToList();

        foreach (var accepted in events)
        {
            Assert.Equal(AcceptOutcome.Accepted, await Accept(accepted, endpoint));
        }

        Assert.Equal(events.Select(accepted => accepted.Id), Sink.Told.Select(delivery => delivery.Event.Id));
        Assert.Equal(Sink.Sequences.Order().Distinct(), Sink.Sequences);
        Assert.Equal(Sink.Sequences, await Pending(endpoint));
        Assert.Equal(20, Store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task What_is_pending_is_the_event_as_it_was_accepted()
    {
        var endpoint = Made.Endpoint();
        var accepted = Made.Event(Priority.High, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", """{"metadata":{"a":"é"}}""") with
        {
            ExpiresAt = TestClock.Noon + TimeSpan.FromHours(1),
        };
        await Accept(accepted, endpoint);

        var page = await Store.ReadPendingAsync(LaneId.Whole(endpoint.Id), Priority.High, 0, new PageLimit(10, long.MaxValue), Waiting.Cancellation);
        var delivery = Assert.Single(page.Deliveries);

        Assert.Equal(endpoint.Id, delivery.EndpointId);
        Assert.Equal(accepted with { Payload = default }, delivery.Event with { Payload = default });
        Assert.Equal(accepted.Payload.ToArray(), delivery.Event.Payload.ToArray());
    }

    [Fact]
    public async Task Each_priority_has_its_own_pending()
    {
        var endpoint = Made.Endpoint();
        foreach (var priority in new[] { Priority.Low, Priority.Critical, Priority.Low, Priority.Medium, Priority.Critical, Priority.High })
        {
            await Accept(Made.Event(priority), endpoint);
        }

        var told = Sink.Sequences.ToList();
        Assert.Equal([told[0], told[2]], await Pending(endpoint));
        Assert.Equal([told[3]], await Pending(endpoint, Priority.Medium));
        Assert.Equal([told[5]], await Pending(endpoint, Priority.High));
        Assert.Equal([told[1], told[4]], await Pending(endpoint, Priority.Critical));
        Assert.Equal(6, Store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task Pending_is_read_after_a_sequence_and_up_to_a_limit()
    {
        var endpoint = Made.Endpoint();
        await Fill(endpoint, 10);
        var told = Sink.Sequences.ToList();

        Assert.Equal(told[..3], await Pending(endpoint, limit: 3));
        Assert.Equal(told[3..7], await Pending(endpoint, after: told[2], limit: 4));
        Assert.Equal(told[9..], await Pending(endpoint, after: told[8]));
        Assert.Empty(await Pending(endpoint, after: told[9]));
        Assert.Empty(await Pending(Made.Endpoint("other")));
    }

    [Fact]
    public async Task A_record_ends_a_delivery_once_whatever_came_of_it()
    {
        var endpoint = Made.Endpoint();
        await Fill(endpoint, 4);
        var told = Sink.Told;

        await Store.RecordAsync(told[1], Made.Delivered(), Waiting.Cancellation);
        await Store.RecordAsync(told[2], Made.Failed(), Waiting.Cancellation);
        await Store.RecordAsync(told[1], Made.Delivered(), Waiting.Cancellation);
        await Store.RecordAsync(told[2], Made.Delivered(), Waiting.Cancellation);

        await Waiting.Until(() => Store.Waiting(endpoint.Id) <= 2);
        Assert.Equal(2, Store.Waiting(endpoint.Id));
        Assert.Equal([told[0].Sequence, told[3].Sequence], await Pending(endpoint));
        Assert.Equal(4, Sink.Told.Count);
    }

    [Fact]
    public async Task An_expired_delivery_ends_once_and_with_its_attempt_or_without_one()
    {
        var endpoint = Made.Endpoint();
        await Fill(endpoint, 4);
        var told = Sink.Told;

        await Store.ExpireAsync(new Shipment { Deliveries = [told[0], told[1]] }, Waiting.Cancellation);
        await Store.RecordAsync(Shipment.Of(told[2]), Made.Failed(), [DeliveryOutcome.Expired], Waiting.Cancellation);
        await Store.ExpireAsync(Shipment.Of(told[0]), Waiting.Cancellation);

        await Waiting.Until(() => Store.Waiting(endpoint.Id) <= 1);
        Assert.Equal(1, Store.Waiting(endpoint.Id));
        Assert.Equal([told[3].Sequence], await Pending(endpoint));
    }

    [Fact]
    public async Task An_event_for_several_endpoints_is_owed_to_each_alone()
    {
        var (one, two) = (Made.Endpoint("one"), Made.Endpoint("two"));

        await Accept(Made.Event(), one, two);
        Assert.Equal(["one", "two"], Sink.Told.Select(delivery => delivery.EndpointId.Value));
        Assert.Equal(Sink.Told[0].Sequence, Sink.Told[1].Sequence);

        await Store.RecordAsync(Sink.Told[0], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => Store.Waiting(one.Id) == 0);
        Assert.Equal(1, Store.Waiting(two.Id));
        Assert.Empty(await Pending(one));
        Assert.Single(await Pending(two));
    }

    [Fact]
    public async Task The_oldest_that_waits_is_known_by_when_it_was_accepted_whatever_its_priority()
    {
        var (endpoint, other) = (Made.Endpoint(), Made.Endpoint("other"));
        Assert.Null(Store.OldestWaiting(endpoint.Id));

        // As they were accepted, in minutes: the clock went back before the last.
        await Accept(At(3, Priority.Low), endpoint);
        await Accept(At(1, Priority.Critical), endpoint);
        await Accept(At(4, Priority.Low), endpoint, other);
        await Accept(At(2, Priority.High), endpoint);
        Assert.Equal((Minute(1), Minute(4)), (Store.OldestWaiting(endpoint.Id), Store.OldestWaiting(other.Id)));

        foreach (var (ended, oldest) in new[] { (1, 2), (3, 3), (0, 4) })
        {
            await Store.RecordAsync(Sink.Told.Where(told => told.EndpointId == endpoint.Id).ElementAt(ended), Made.Delivered(), Waiting.Cancellation);
            await Waiting.Until(() => Store.OldestWaiting(endpoint.Id) == Minute(oldest));
        }

        await Store.RecordAsync(Sink.Told.Single(told => told.EndpointId == other.Id), Made.Failed(), Waiting.Cancellation);
        await Waiting.Until(() => Store.OldestWaiting(other.Id) is null);
        Assert.Equal(Minute(4), Store.OldestWaiting(endpoint.Id));

        static DateTimeOffset Minute(int minute) => TestClock.Noon + TimeSpan.FromMinutes(minute);

        static IntegrationEvent At(int minute, Priority priority) => Made.Event(priority) with { AcceptedAt = Minute(minute) };
    }

    [Fact]
    public async Task The_end_of_the_last_delivery_that_waits_is_told()
    {
        var (one, two) = (Made.Endpoint("one"), Made.Endpoint("two"));
        await Accept(Made.Event(), one, two);
        await Accept(Made.Event(), one);

        await Store.RecordAsync(Sink.Told[0], Made.Failed(), Waiting.Cancellation);
        await Store.RecordAsync(Sink.Told[1], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => Store.Waiting(one.Id) + Store.Waiting(two.Id) == 1);
        Assert.Equal([two.Id], Sink.HasDrained);

        await Store.RecordAsync(Sink.Told[2], Made.Delivered(), Waiting.Cancellation);
        await Waiting.Until(() => Sink.HasDrained.Count == 2);
        Assert.Equal((one.Id, 0), (Sink.HasDrained[1], Store.Waiting(one.Id)));
    }

    [Fact]
    public async Task An_event_for_no_endpoint_is_accepted_and_owed_to_none()
    {
        Assert.Equal(AcceptOutcome.Accepted, await Accept(Made.Event()));
        Assert.Empty(Sink.Told);
    }

    [Fact]
    public async Task Nothing_is_kept_for_a_caller_who_has_gone_before()
    {
        var endpoint = Made.Endpoint();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.AcceptAsync([new RoutedEvent(Made.Event(), [endpoint])], null, new CancellationToken(true)).AsTask());

        Assert.Equal(0, Store.Waiting(endpoint.Id));
    }

    [Fact]
    public async Task Many_at_once_get_sequences_of_their_own_and_are_told_in_order()
    {
        var endpoint = Made.Endpoint(queueSize: 100_000);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Fill(endpoint, 250)))).InTime();

        Assert.Equal(4_000, Sink.Told.Count);
        Assert.False(Sink.WasToldByTwoAtOnce);
        Assert.Equal(Sink.Sequences.Order().Distinct(), Sink.Sequences);
        Assert.Equal(4_000, Sink.Told.Select(delivery => delivery.Event.Id).Distinct().Count());
        Assert.Equal(Sink.Sequences, await Pending(endpoint, limit: 5_000));
    }

    [Fact]
    public Task It_behaves_as_a_plain_list_would() => EventStoreModel.Check(Create);
}
