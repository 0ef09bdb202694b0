using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The parts of shipments that are still owed, as the store and the clock have it, before and between attempts.</summary>
internal sealed partial class OwedParts(
    IDeliveryStore store, EndpointRegistry endpoints, DeliveryResults results, TimeProvider clock, ILogger<OwedParts> logger)
{
    private static readonly TimeSpan StoreRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>The shipment without deliveries whose deadline is past, which end as expired; null when nothing is left of it.</summary>
    public async ValueTask<Shipment?> InTimeAsync(Shipment shipment, WebhookEndpoint? endpoint, CancellationToken cancellationToken)
    {
        if (endpoint is null || Deadline.Late(shipment, endpoint, clock) is not [_, ..] late)
        {
            return shipment;
        }

        var left = shipment.Without(late);
        // What is left of a batch goes on under its id.
        await store.ExpireAsync(left is null ? shipment : new Shipment { Deliveries = late }, cancellationToken);
        late.ForEach(results.Expired);
        return left;
    }

    /// <summary>
    /// Prepares a shipment in the store, so that nothing is sent that the store could not make whole again. False for a shipment that is owed no
    /// more.
    /// </summary>
    public async ValueTask<bool> BeginAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        if (endpoints.Find(shipment.EndpointId) is null || shipment.First.IsErased)
        {
            // The store has decided on the deliveries that waited for it, and on those of an erased event.
            return false;
        }

        if (shipment.BatchId is not null)
        {
            return await WhenAvailableAsync(shipment, static (store, batch, _) => store.KeepBatchAsync(batch), cancellationToken);
        }

        return shipment.First.ReplayId is null
            || await WhenAvailableAsync(shipment, static (store, begun, stop) => store.TryBeginAsync(begun.First, stop).AsTask(), cancellationToken);
    }

    /// <summary>The shipment without deliveries of erased events; null when nothing is left of it.</summary>
    public async ValueTask<Shipment?> NotErasedAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        var owed = shipment.Deliveries;
        await WhenAvailableAsync(
            shipment,
            async (store, asked, _) =>
            {
                owed = await store.OwedAsync(asked.Deliveries);
                return true;
            },
            cancellationToken);
        return owed.Count == shipment.Deliveries.Count ? shipment : owed.Count == 0 ? null : shipment with { Deliveries = owed };
    }

    /// <summary>Asks the store again until it can be read or written.</summary>
    private async Task<bool> WhenAvailableAsync(
        Shipment shipment, Func<IDeliveryStore, Shipment, CancellationToken, Task<bool>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask(store, shipment, cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                StoreUnavailable(shipment.IdText, shipment.EndpointId.Value, exception.Message);
                await Task.Delay(StoreRetryDelay, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "delivery waits: the store is not available, trying again in a second")]
    private partial void StoreUnavailable(string id, string endpoint, string error);
}
