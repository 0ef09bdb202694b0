using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The notices of a store that has outcomes in hand, before they are written.</summary>
internal static class KeyNotices
{
    /// <summary>Has the lane wait for outcomes. Before one is written, neither the next one of its key may be sent nor the same again.</summary>
    public static void Give(IDeliverySink sink, Shipment shipment, IReadOnlyList<DeliveryOutcome> outcomes)
    {
        for (var index = 0; index < outcomes.Count; index++)
        {
            if (shipment.Deliveries[index] is not { Key: { } key } delivery)
            {
                continue;
            }

            if (outcomes[index].Kind == OutcomeKind.Held || outcomes[index].Blocks)
            {
                sink.Held(shipment.EndpointId, key);
            }

            if (delivery.IsHeld)
            {
                sink.Recording(shipment.EndpointId, key);
            }
        }
    }
}
