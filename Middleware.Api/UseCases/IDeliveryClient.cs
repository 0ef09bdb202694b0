using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Sends a delivery to its endpoint through the fast tier.</summary>
internal interface IDeliveryClient
{
    /// <summary>
    /// Returns what the tries came to. Throws <see cref="OperationCanceledException"/> when the stop left it open: no try and no pause
    /// starts after <see cref="StopSignals.NoNewTries"/>, and a try under way is given up at <see cref="StopSignals.GiveUp"/>.
    /// </summary>
    Task<DeliveryOutcome> SendAsync(Delivery delivery, WebhookEndpoint endpoint, StopSignals stop);

    /// <summary>As for a single delivery; the tries are those of the request that bears all of them.</summary>
    Task<DeliveryOutcome> SendAsync(DeliveryBatch batch, WebhookEndpoint endpoint, StopSignals stop);

    /// <summary>
    /// Sends it once, marked as a test, over connections of its own that end with it, and returns what came of the try. Takes no longer than
    /// a try may. Throws <see cref="OperationCanceledException"/> when it was cancelled before.
    /// </summary>
    Task<Attempt> TestAsync(Delivery delivery, WebhookEndpoint endpoint, CancellationToken cancellationToken);
}

/// <summary>The two signals of a stop, and the circuit whose opening is one too.</summary>
/// <param name="NoNewTries">A try under way may finish, and its outcome counts; no other starts.</param>
/// <param name="GiveUp">What still runs is left as it was.</param>
/// <param name="Pass">Hears of each try; null for what is sent whatever the circuit says.</param>
internal readonly record struct StopSignals(CancellationToken NoNewTries, CancellationToken GiveUp, CircuitPass? Pass = null);
