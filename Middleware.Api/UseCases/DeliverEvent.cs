using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Delivers one event to one endpoint and has the store record what came of it.</summary>
internal sealed class DeliverEvent(
    IEventStore store, IDeliveryClient client, EndpointRegistry endpoints, DeliveryResults results, DisableFailing disable, TimeProvider clock)
{
    /// <summary>Returns when the store has the outcome in hand; when the stop left it open there is none and the delivery stays pending. What a cancelled replay asked for is let go.</summary>
    public async Task ExecuteAsync(Delivery delivery, StopSignals stop)
    {
        if (endpoints.Find(delivery.EndpointId) is not { } endpoint)
        {
            // It was removed after a worker took this; the store has decided what becomes of what waited for it.
            return;
        }

        if (delivery.ReplayId is not null && !await store.TryBeginAsync(delivery, stop.NoNewTries))
        {
            return;
        }

        using var underWay = results.Begin(delivery.EndpointId);
        using var span = MiddlewareTraces.StartDeliver(delivery, clock);
        var outcome = results.Decide(delivery, endpoint, await client.SendAsync(delivery, endpoint, stop));
        await store.RecordAsync(delivery, outcome, stop.GiveUp);

        MiddlewareTraces.Delivered(span, outcome);
        results.Tried(delivery.EndpointId, outcome);
        results.Tell(delivery, outcome);
        await disable.AfterAsync(endpoint, outcome);
    }
}
