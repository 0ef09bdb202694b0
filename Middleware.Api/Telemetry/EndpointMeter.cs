using System.Diagnostics.Metrics;
using System.Net;
using Middleware.Events;

namespace Middleware.Telemetry;

/// <summary>
/// The measurements of one endpoint. Its counts are read by instruments that all endpoints have in common. Its durations have a meter of their own, which its tag distinguishes,
/// because such a series ends only with its meter.
/// </summary>
internal sealed class EndpointMeter : IDisposable
{
    private readonly KeyValuePair<string, object?> _endpoint;
    private readonly Meter _meter;
    private int _underWay;
    private long _erased;
    private long _expired;
    private long _tooCostly;

    public EndpointMeter(IMeterFactory meters, EndpointId endpoint)
    {
        _endpoint = Tag(endpoint);
        _meter = new Meter(new MeterOptions(MiddlewareMetrics.Name) { Tags = [_endpoint], Scope = meters });
        Attempts = new LabelCounts(_endpoint, "outcome");
        DeadLetters = new LabelCounts(_endpoint, "reason");
    }

    public RunningCounts Counts { get; } = new();

    /// <summary>The workers with a delivery under way.</summary>
    public Measurement<int> Busy => new(Volatile.Read(ref _underWay), _endpoint);

    /// <summary>Attempts by outcome.</summary>
    public LabelCounts Attempts { get; }

    /// <summary>Deliveries given up, by reason.</summary>
    public LabelCounts DeadLetters { get; }

    public IEnumerable<Measurement<long>> Erasures => Some(Volatile.Read(ref _erased));

    public IEnumerable<Measurement<long>> Expiries => Some(Volatile.Read(ref _expired));

    public IEnumerable<Measurement<long>> FiltersTooCostly => Some(Volatile.Read(ref _tooCostly));

    // Made for the first value. A meter gives the same instrument to all callers.
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

        Attempts.Add(attempt.Reason is { } reason ? Bounded(reason) : "delivered", 1);
        Duration.Record(attempt.Duration.TotalSeconds, _endpoint);
    }

    public void Delivered(TimeSpan latency)
    {
        Counts.Delivered();
        Latency.Record(latency.TotalSeconds, _endpoint);
    }

    public void GivenUp(string reason, int deliveries)
    {
        Counts.GivenUp(deliveries);
        DeadLetters.Add(Bounded(reason), deliveries);
    }

    public void Erased() => Interlocked.Increment(ref _erased);

    public void Expired()
    {
        Counts.Expired();
        Interlocked.Increment(ref _expired);
    }

    public void FilterTooCostly() => Interlocked.Increment(ref _tooCostly);

    public void Dispose() => _meter.Dispose();

    /// <summary>A series begins with its first value.</summary>
    private IEnumerable<Measurement<long>> Some(long count) => count == 0 ? [] : [new(count, _endpoint)];

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
