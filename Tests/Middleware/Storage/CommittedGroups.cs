using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Storage;

/// <summary>Items that are written by one transaction.</summary>
[Trait("Store", "Any")]
public sealed class CommittedGroups
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_lanes_get_the_events_of_a_batch_with_the_numbers_that_are_stored()
    {
        using var store = await new DurableStore().Open("default");
        var accepted = await store.Accept(3_000);

        var pending = await store.Pending("default", Priority.Low);

        Assert.Equal(accepted.Select(static one => one.Id), pending.Select(static delivery => delivery.Event.Id));
        Assert.Equal(pending.Select(static delivery => delivery.Sequence), store.Sink.Sequences);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_is_not_handed_over_to_an_endpoint_whose_outcome_comes_behind()
    {
        using var store = await new DurableStore().Open("first", "last");
        await store.Accept(1);
        var first = Assert.Single(await store.Pending("first", Priority.Low));
        var last = Assert.Single(await store.Pending("last", Priority.Low));

        using var held = await HeldWriter.OfAsync(store.Events);
        var handedOver = DeliveryOutcome.DeadLetter() with { HandedTo = last.EndpointId };
        await store.Events.RecordAsync(Shipment.Of(first), Made.Failed(), [handedOver], Waiting.Cancellation);
        await store.Events.RecordAsync(last, Made.Delivered(), Waiting.Cancellation);
        held.GoOn();

        await held.EndAsync();
        Assert.Equal(0, await store.Count("SELECT COUNT(*) FROM pending"));
        Assert.Equal(1, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 3"));
        Assert.Equal(2, await store.Count("SELECT COUNT(*) FROM attempts"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_delivery_whose_event_is_erased_ends_though_an_attempt_that_is_to_be_repeated_comes_before()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(1);
        var delivery = Assert.Single(await store.Pending("default", Priority.Low));

        using var held = await HeldWriter.OfAsync(store.Events);
        await store.Events.RecordAsync(Shipment.Of(delivery), Made.Failed(), [DeliveryOutcome.Pending(1, store.Clock.GetUtcNow())], Waiting.Cancellation);
        var erasing = store.History.EraseAsync(delivery.Event.Id, Actor.Service);
        held.GoOn();

        await held.EndAsync();
        Assert.NotNull(await erasing.InTime());
        Assert.Equal(0, await store.Count("SELECT COUNT(*) FROM pending"));
        Assert.Equal(0, store.Events.Waiting(delivery.EndpointId));
        Assert.Empty(await store.Events.OwedAsync([delivery]));
    }
}
