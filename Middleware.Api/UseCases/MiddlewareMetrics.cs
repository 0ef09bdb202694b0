using System.Diagnostics.Metrics;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>The meter <c>AspireIntegration.Middleware</c>.</summary>
internal sealed class MiddlewareMetrics
{
    private const string Name = "AspireIntegration.Middleware";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _latency;

    public MiddlewareMetrics(IMeterFactory meters, IEventStore store, EndpointRegistry endpoints, Circuits circuits)
    {
        var meter = meters.Create(Name);
        _accepted = meter.CreateCounter<long>("integration.events.accepted", "{event}", "Events accepted.");
        _rejected = meter.CreateCounter<long>("integration.events.rejected", "{event}", "Events refused, by reason.");
        _attempts = meter.CreateCounter<long>("integration.delivery.attempts", "{attempt}", "Tries of deliveries, by endpoint and outcome.");
        _duration = meter.CreateHistogram<double>("integration.delivery.duration", "s", "How long a try took.");
        _latency = meter.CreateHistogram<double>("integration.delivery.latency", "s", "From accepted to delivered.");

        // The depth is read where it is true, when somebody asks.
        meter.CreateObservableGauge(
            "integration.queue.depth",
            () => endpoints.All.Select(endpoint => new Measurement<int>(store.Waiting(endpoint.Id), Tag(endpoint.Id))),
            "{delivery}",
            "Deliveries that wait for an endpoint, those under way included.");
        meter.CreateObservableGauge(
            "integration.circuit.state",
            () => circuits.States.Select(static circuit => new Measurement<int>((int)circuit.State, Tag(circuit.Endpoint))),
            description: "Whether an endpoint is sent to: 0 closed, 1 half-open, 2 open.");
    }

    public void Accepted() => _accepted.Add(1);

    public void Rejected(string reason) => _rejected.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Attempted(EndpointId endpoint, DeliveryOutcome outcome)
    {
        if (!_attempts.Enabled && !_duration.Enabled)
        {
            return;
        }

        foreach (var attempt in outcome.Attempts)
        {
            _attempts.Add(1, Tag(endpoint), new("outcome", attempt.Reason ?? "delivered"));
            _duration.Record(attempt.Duration.TotalSeconds, Tag(endpoint));
        }
    }

    public void Delivered(EndpointId endpoint, TimeSpan latency) => _latency.Record(latency.TotalSeconds, Tag(endpoint));

    private static KeyValuePair<string, object?> Tag(EndpointId endpoint) => new("endpoint", endpoint.Value);
}
