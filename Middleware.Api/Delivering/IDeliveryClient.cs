using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>Sends shipments to their endpoints, one request a call.</summary>
internal interface IDeliveryClient
{
    /// <summary>
    /// Makes one try, as the endpoint is now, over the endpoint's own connections. Whatever the receiver does is an attempt, within the
    /// endpoint's time-out. Throws <see cref="OperationCanceledException"/> when it was cancelled before; any other exception is a defect.
    /// </summary>
    Task<Attempt> SendAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken);

    /// <summary>As <see cref="SendAsync"/>, marked as a test and over connections that end with it.</summary>
    Task<Attempt> TestAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken);
}

/// <summary>The two signals of a stop.</summary>
/// <param name="NoNewTries">A try under way may finish, and its outcome counts; no other starts.</param>
/// <param name="GiveUp">What still runs is left as it was.</param>
internal readonly record struct StopSignals(CancellationToken NoNewTries, CancellationToken GiveUp);
