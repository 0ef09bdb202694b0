using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The deadline of a delivery: the event's <c>expires_at</c>, or the endpoint's <c>max_age</c> after the acceptance, whichever comes first. From then
/// on it is not sent.
/// </summary>
internal static class Deadline
{
    /// <summary>The deliveries of a shipment that may not be tried now.</summary>
    public static List<Delivery> Late(Shipment shipment, WebhookEndpoint endpoint, TimeProvider clock) =>
        MayBeLate(shipment, endpoint) ? Late(shipment, endpoint, clock.GetUtcNow()) : [];

    /// <summary>The deliveries of a shipment of which no try may start at a time. A replay ignores the deadline.</summary>
    public static List<Delivery> Late(Shipment shipment, WebhookEndpoint endpoint, DateTimeOffset at) => MayBeLate(shipment, endpoint)
        ? [.. shipment.Deliveries.Where(delivery => delivery is { ReplayId: null, IsErased: false } && IsPast(delivery.Event, endpoint, at))]
        : [];

    /// <summary>True when a time is at or behind the deadline of an event for an endpoint.</summary>
    public static bool IsPast(IntegrationEvent accepted, WebhookEndpoint endpoint, DateTimeOffset at) =>
        at >= accepted.ExpiresAt || at - accepted.AcceptedAt >= endpoint.MaxAge;

    private static bool MayBeLate(Shipment shipment, WebhookEndpoint endpoint)
    {
        if (endpoint.MaxAge is not null)
        {
            return true;
        }

        var deliveries = shipment.Deliveries;
        for (var index = 0; index < deliveries.Count; index++)
        {
            if (deliveries[index].Event.ExpiresAt is not null)
            {
                return true;
            }
        }

        return false;
    }
}
