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
        meters.Create(MiddlewareMetrics.Name).CreateObservableGauge(
            "integration.store.writable", () => store.Failure is null ? 1 : 0, description: "1 while the store can be written, 0 while it cannot.");
        meters.Create(MiddlewareMetrics.Name).CreateObservableGauge(
            "integration.endpoints.clearing", () => endpoints.Clearing, "{delivery}", "Deliveries to deleted endpoints that are not dead letters yet.");
        metrics.ForEachEndpoint(Add);
    }

    private void Add(EndpointId endpoint, Meter meter)
    {
        var tag = EndpointMeter.Tag(endpoint);
        meter.CreateObservableGauge(
            "integration.queue.depth",
            () => IfServed(endpoint, tag, store.Waiting),
            "{delivery}",
            "Deliveries that wait for an endpoint, those under way included.");
        meter.CreateObservableGauge(
            "integration.queue.held",
            () => IfServed(endpoint, tag, store.Held),
            "{delivery}",
            "Deliveries of those that wait behind a failed one of their key, or for their next attempt.");
        meter.CreateObservableGauge(
            "integration.queue.oldest_age", () => Age(endpoint, tag), "s", "The age of the oldest event that waits for an endpoint; 0 for none.");
        meter.CreateObservableGauge(
            "integration.circuit.state",
            () => State(endpoint, tag),
            description: "The state of an endpoint's circuit, the worst of its shards here: 0 closed, 1 half-open, 2 open.");
    }

    /// <summary>No number for an endpoint that another replica serves, which has it: the sum over all replicas is that of the service.</summary>
    private IEnumerable<Measurement<int>> IfServed(EndpointId endpoint, KeyValuePair<string, object?> tag, Func<EndpointId, int> read) =>
        ownership.Owns(endpoint) ? [new Measurement<int>(read(endpoint), tag)] : [];

    /// <summary>The state of the lanes here: another replica has that of its own.</summary>
    private IEnumerable<Measurement<int>> State(EndpointId endpoint, KeyValuePair<string, object?> tag) =>
        ownership.Owns(endpoint) || circuits.Has(endpoint) ? [new Measurement<int>((int)circuits.StateOf(endpoint), tag)] : [];

    /// <summary>The age of the oldest waiting event; no number at all while the store cannot be read: 0 would look healthy.</summary>
    private IEnumerable<Measurement<double>> Age(EndpointId endpoint, KeyValuePair<string, object?> tag)
    {
        if (!ownership.Owns(endpoint))
        {
            return [];
        }

        DateTimeOffset? oldest;
        try
        {
            oldest = store.OldestWaiting(endpoint);
        }
        catch (StoreUnavailableException)
        {
            return [];
        }

        return [new Measurement<double>(oldest is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0, tag)];
    }
}
