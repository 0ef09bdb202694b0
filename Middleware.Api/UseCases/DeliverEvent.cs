using System.Diagnostics;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Delivers one event to one endpoint and has the store record what came of it.</summary>
internal sealed class DeliverEvent(
    IEventStore store, IDeliveryClient client, EndpointRegistry endpoints, DeliveryResults results, DisableFailing disable)
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
        using var activity = StartActivity(delivery);
        var outcome = results.Decide(delivery, endpoint, await client.SendAsync(delivery, endpoint, stop));
        await store.RecordAsync(delivery, outcome, stop.GiveUp);

        activity?.SetStatus(outcome.IsDelivered ? ActivityStatusCode.Ok : ActivityStatusCode.Error, outcome.Last.Reason);
        results.Tried(delivery.EndpointId, outcome);
        results.Tell(delivery, outcome);
        await disable.AfterAsync(endpoint, outcome);
    }

    private static Activity? StartActivity(Delivery delivery)
    {
        if (!MiddlewareMetrics.Activities.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(delivery.Event.TraceParent, null, isRemote: true, out var parent);
        var activity = MiddlewareMetrics.Activities.StartActivity("deliver", ActivityKind.Producer, parent);
        activity?.SetTag("integration.correlation_id", delivery.Event.CorrelationId);
        activity?.SetTag("integration.event_id", delivery.Event.IdText);
        activity?.SetTag("integration.endpoint", delivery.EndpointId.Value);
        return activity;
    }
}
