using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Sends a delivery to its endpoint through the fast tier.</summary>
internal interface IDeliveryClient
{
    /// <summary>Returns after the last try, whatever came of it; throws only when it was cancelled.</summary>
    Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, CancellationToken cancellationToken);
}
