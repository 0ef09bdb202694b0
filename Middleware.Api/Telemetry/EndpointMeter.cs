using System.Diagnostics.Metrics;
using System.Net;
using Middleware.Events;

namespace Middleware.Telemetry;

/// <summary>
/// The counters and durations of one endpoint. They have a meter of their own, which its tag distinguishes, because such a series ends only with its meter. Gauges have one
/// instrument for all endpoints: each instrument makes a new one cost more.
/// </summary>
internal sealed class EndpointMeter : IDisposable
{
    /// <summary>The most values of a reason or an outcome: the words of <see cref="FailureReason"/> and the registered statuses.</summary>
    public const int MostReasons = 96;

    private readonly KeyValuePair<string, object?> _endpoint;
    private readonly Meter _meter;
    private int _underWay;

    public EndpointMeter(IMeterFactory meters, EndpointId endpoint)
    {
        _endpoint = Tag(endpoint);
        _meter = new Meter(new MeterOptions(MiddlewareMetrics.Name) { Tags = [_endpoint], Scope = meters });
    }

    public RunningCounts Counts { get; } = new();

    /// <summary>The workers with a delivery under way.</summary>
    public Measurement<int> Busy => new(Volatile.Read(ref _underWay), _endpoint);

    // Made for the first value: each sets room aside for all its series. A meter gives the same instrument to all callers.
    private Counter<long> Attempts => field ??= _meter.CreateCounter<long>("integration.delivery.attempts", "{attempt}", "Attempts of deliveries, by endpoint and outcome.");

    private Counter<long> DeadLetters => field ??=
        _meter.CreateCounter<long>("integration.deadletters", "{delivery}", "Deliveries given up for now or for good, by endpoint and reason.");

    private Counter<long> Erasures => field ??=
        _meter.CreateCounter<long>("integration.deliveries.erased", "{delivery}", "Deliveries that ended because their event was erased, by endpoint.");

    private Counter<long> Expiries => field ??=
        _meter.CreateCounter<long>("integration.deliveries.expired", "{delivery}", "Deliveries that ended because their deadline came first, by endpoint.");

    private Counter<long> FiltersTooCostly => field ??= _meter.CreateCounter<long>(
        "integration.filters.too_costly", "{event}", "Events that the endpoint's filter did not match for its cost, by endpoint.");

    private Histogram<double> Duration => field ??=
        _meter.CreateHistogram("integration.delivery.duration", "s", "The duration of an attempt.", null, MiddlewareMetrics.Seconds);

    private Histogram<double> Latency => field ??=
        _meter.CreateHistogram("integration.delivery.latency", "s", "From accepted to delivered.", null, MiddlewareMetrics.Latency);

    public static KeyValuePair<string, object?> Tag(EndpointId endpoint) => new("endpoint", endpoint.Value);

    public void Attempted(Attempt attempt)
    {
        if (attempt.Reason is not null)
        {
            Counts.Failed();
        }

        if (Attempts.Enabled || Duration.Enabled)
        {
            Attempts.Add(1, _endpoint, new("outcome", attempt.Reason is { } reason ? Bounded(reason) : "delivered"));
            Duration.Record(attempt.Duration.TotalSeconds, _endpoint);
        }
    }

    public void Delivered(TimeSpan latency)
    {
        Counts.Delivered();
        Latency.Record(latency.TotalSeconds, _endpoint);
    }

    public void GivenUp(string reason, int deliveries)
    {
        Counts.GivenUp(deliveries);
        DeadLetters.Add(deliveries, _endpoint, new("reason", Bounded(reason)));
    }

    public void Erased() => Erasures.Add(1, _endpoint);

    public void Expired()
    {
        Counts.Expired();
        Expiries.Add(1, _endpoint);
    }

    public void FilterTooCostly() => FiltersTooCostly.Add(1, _endpoint);

    public void Dispose() => _meter.Dispose();

    /// <summary>
    /// The reason as a value of a label. A receiver may answer any number from 100 to 999; those without a meaning share one value.
    /// </summary>
    private static string Bounded(string reason) =>
        reason.StartsWith(FailureReason.HttpPrefix, StringComparison.Ordinal)
        && !Enum.IsDefined((HttpStatusCode)int.Parse(reason.AsSpan(FailureReason.HttpPrefix.Length), System.Globalization.CultureInfo.InvariantCulture))
            ? "http_other"
            : reason;

    /// <summary>A delivery under way, until it is disposed of.</summary>
    public readonly struct UnderWay : IDisposable
    {
        private readonly EndpointMeter? _meter;

        public UnderWay(EndpointMeter? meter)
        {
            if (meter is not null)
            {
                Interlocked.Increment(ref meter._underWay);
            }

            _meter = meter;
        }

        public void Dispose()
        {
            if (_meter is not null)
            {
                Interlocked.Decrement(ref _meter._underWay);
            }
        }
    }
}
