using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>Sends shipments to their endpoints, one request a call.</summary>
internal interface IDeliveryClient
{
    /// <summary>
    /// Makes one attempt, as the endpoint is now, over the endpoint's own connections and within its time-out. Every behaviour of the receiver is an
    /// attempt. Throws <see cref="OperationCanceledException"/> when it was cancelled before; any other exception is a defect.
    /// </summary>
    Task<Attempt> SendAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken);

    /// <summary>As <see cref="SendAsync"/>, marked as a test and over connections that end with it.</summary>
    Task<Attempt> TestAsync(Shipment shipment, WebhookEndpoint endpoint, CancellationToken cancellationToken);
}

/// <summary>The signals that end the attempts of a lane, at a stop or when another replica serves it.</summary>
/// <param name="NoNewTries">No other attempt starts; one under way may finish, and its outcome counts.</param>
/// <param name="GiveUp">Running attempts are left as they are.</param>
/// <param name="Ownership">The ownership of the lane, without which no attempt starts; null for one that nobody else can have.</param>
internal readonly record struct StopSignals(CancellationToken NoNewTries, CancellationToken GiveUp, ILaneOwnership? Ownership = null);
