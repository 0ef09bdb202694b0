using System.Diagnostics.Metrics;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Health;

/// <summary>Gauges of the current state, read from its owner at each scrape. Nothing here is kept, so nothing can drift.</summary>
internal sealed class StateMetrics(IMeterFactory meters, MiddlewareMetrics metrics, IDeliveryStore store, IEndpointStore endpoints, Circuits circuits, ILaneOwnership ownership, TimeProvider clock)
{
    /// <summary>Makes the gauges readable from now on.</summary>
    public void Start()
    {
        var meter = meters.Create(MiddlewareMetrics.Name);
        meter.CreateObservableGauge("integration.store.writable", () => store.Failure is null ? 1 : 0, description: "1 while the store can be written, 0 while it cannot.");
        meter.CreateObservableGauge(
            "integration.endpoints.clearing", () => endpoints.Clearing, "{delivery}", "Deliveries to deleted endpoints that are not dead letters yet.");
        meter.CreateObservableGauge(
            "integration.queue.depth", () => OfServed(store.Waiting), "{delivery}", "Deliveries that wait for an endpoint, those under way included.");
        meter.CreateObservableGauge(
            "integration.queue.held",
            () => OfServed(store.Held),
            "{delivery}",
            "Deliveries of those that wait behind a failed one of their key, or for their next attempt.");
        meter.CreateObservableGauge("integration.queue.oldest_age", Ages, "s", "The age of the oldest event that waits for an endpoint; 0 for none.");
        meter.CreateObservableGauge(
            "integration.circuit.state", States, description: "The state of an endpoint's circuit, the worst of its shards here: 0 closed, 1 half-open, 2 open.");
    }

    /// <summary>The endpoints that are served here. No numbers for those that another replica serves, which has them: the sum over all replicas is that of the service.</summary>
    private IEnumerable<EndpointId> Served => metrics.Endpoints.Where(endpoint => ownership.Owns(endpoint));

    private IEnumerable<Measurement<int>> OfServed(Func<EndpointId, int> read) => Served.Select(endpoint => new Measurement<int>(read(endpoint), EndpointMeter.Tag(endpoint)));

    /// <summary>The states of the lanes here: another replica has that of its own.</summary>
    private IEnumerable<Measurement<int>> States() => metrics.Endpoints.Where(endpoint => ownership.Owns(endpoint) || circuits.Has(endpoint))
        .Select(endpoint => new Measurement<int>((int)circuits.StateOf(endpoint), EndpointMeter.Tag(endpoint)));

    /// <summary>The ages of the oldest waiting events; no number at all while the store cannot be read: 0 would look healthy.</summary>
    private IEnumerable<Measurement<double>> Ages()
    {
        foreach (var endpoint in Served)
        {
            DateTimeOffset? oldest;
            try
            {
                oldest = store.OldestWaiting(endpoint);
            }
            catch (StoreUnavailableException)
            {
                continue;
            }

            yield return new(oldest is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0, EndpointMeter.Tag(endpoint));
        }
    }
}
