namespace Middleware.Domain;

/// <summary>One event owed to one endpoint.</summary>
/// <param name="Sequence">The event's place in the store: order is by it, never by a clock.</param>
/// <param name="Event">What is owed.</param>
/// <param name="EndpointId">To whom.</param>
internal sealed record Delivery(long Sequence, IntegrationEvent Event, EndpointId EndpointId);
