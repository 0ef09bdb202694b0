using System.Diagnostics.Metrics;
using System.Net;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>
/// The instruments of one endpoint. They have a meter of their own, told apart from the others by its tag, because that is how series
/// end: what is counted by one meter is exported for as long as the process lives.
/// </summary>
internal sealed class EndpointMeter : IDisposable
{
    /// <summary>How many values a reason or an outcome can have: the words of <see cref="FailureReason"/> and the registered statuses.</summary>
    public const int MostReasons = 96;

    private readonly KeyValuePair<string, object?> _endpoint;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _filtersTooCostly;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _latency;
    private int _underWay;

    public EndpointMeter(IMeterFactory meters, EndpointId endpoint)
    {
        _endpoint = Tag(endpoint);
        Meter = new Meter(new MeterOptions(MiddlewareMetrics.Name) { Tags = [_endpoint], Scope = meters });
        _attempts = Meter.CreateCounter<long>("integration.delivery.attempts", "{attempt}", "Tries of deliveries, by endpoint and outcome.");
        _deadLetters = Meter.CreateCounter<long>("integration.deadletters", "{delivery}", "Deliveries given up for now or for good, by endpoint and reason.");
        _filtersTooCostly = Meter.CreateCounter<long>(
            "integration.filters.too_costly", "{event}", "Events that the endpoint's filter did not match for its cost, by endpoint.");
        _duration = Meter.CreateHistogram("integration.delivery.duration", "s", "How long a try took.", null, MiddlewareMetrics.Seconds);
        _latency = Meter.CreateHistogram("integration.delivery.latency", "s", "From accepted to delivered.", null, MiddlewareMetrics.Latency);
        Meter.CreateObservableGauge(
            "integration.workers.busy", () => new Measurement<int>(Volatile.Read(ref _underWay), _endpoint), "{worker}", "Workers with a delivery under way.");
    }

    public Meter Meter { get; }

    public static KeyValuePair<string, object?> Tag(EndpointId endpoint) => new("endpoint", endpoint.Value);

    public void Attempted(Attempt attempt)
    {
        if (_attempts.Enabled || _duration.Enabled)
        {
            _attempts.Add(1, _endpoint, new("outcome", attempt.Reason is { } reason ? Bounded(reason) : "delivered"));
            _duration.Record(attempt.Duration.TotalSeconds, _endpoint);
        }
    }

    public void Delivered(TimeSpan latency) => _latency.Record(latency.TotalSeconds, _endpoint);

    public void GivenUp(string reason, int deliveries) => _deadLetters.Add(deliveries, _endpoint, new("reason", Bounded(reason)));

    public void FilterTooCostly() => _filtersTooCostly.Add(1, _endpoint);

    public void Dispose() => Meter.Dispose();

    /// <summary>A receiver may answer any number from 100 to 999; what has no meaning is one value.</summary>
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
