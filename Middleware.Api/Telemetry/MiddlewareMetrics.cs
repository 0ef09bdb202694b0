using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Telemetry;

/// <summary>
/// The instruments of the service, by the meter <c>AspireIntegration.Middleware</c>. <see cref="EndpointMeter"/> has the values of an endpoint,
/// <c>Health/StateMetrics.cs</c> the gauges of the store and the circuits.
/// </summary>
internal sealed class MiddlewareMetrics : IDisposable
{
    public const string Name = "AspireIntegration.Middleware";

    /// <summary>The instrument with a series for each endpoint and outcome.</summary>
    public const string Attempts = "integration.delivery.attempts";

    /// <summary>The instrument with a series for each endpoint and reason.</summary>
    public const string DeadLetters = "integration.deadletters";

    /// <summary>The buckets of every duration but the latency, in seconds: from 0.1 ms to a minute, three a decade.</summary>
    public static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60],
    };

    /// <summary>
    /// The buckets of the latency, in seconds: from 1 ms to a day, because events wait for their receiver or their time in the schedule.
    /// </summary>
    public static readonly InstrumentAdvice<double> Latency = new()
    {
        HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 21_600, 86_400],
    };

    private static readonly InstrumentAdvice<long> Rows = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] };

    private readonly ConcurrentDictionary<EndpointId, EndpointMeter> _endpoints = [];
    private readonly IMeterFactory _meters;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<long> _commitSize;

    public MiddlewareMetrics(IMeterFactory meters)
    {
        _meters = meters;
        var meter = meters.Create(Name);
        _accepted = meter.CreateCounter<long>("integration.events.accepted", "{event}", "Events accepted.");
        _rejected = meter.CreateCounter<long>("integration.events.rejected", "{event}", "Events refused, by reason; a request that is no batch counts as one.");
        _commitDuration = meter.CreateHistogram("integration.store.commit.duration", "s", "From the start of a transaction until it is flushed.", null, Seconds);
        _commitSize = meter.CreateHistogram("integration.store.commit.size", "{row}", "Rows that a transaction wrote.", null, Rows);
        meter.CreateObservableGauge("integration.workers.busy", () => _endpoints.Select(static of => of.Value.Busy), "{worker}", "Workers with a delivery under way.");
        Count(meter, Attempts, "{attempt}", "Attempts of deliveries, by endpoint and outcome.", static of => of.Attempts.Read());
        Count(meter, DeadLetters, "{delivery}", "Deliveries given up for now or for good, by endpoint and reason.", static of => of.DeadLetters.Read());
        Count(meter, "integration.deliveries.erased", "{delivery}", "Deliveries that ended because their event was erased, by endpoint.", static of => of.Erasures);
        Count(meter, "integration.deliveries.expired", "{delivery}", "Deliveries that ended because their deadline came first, by endpoint.", static of => of.Expiries);
        Count(
            meter, "integration.filters.too_costly", "{event}", "Events that the endpoint's filter did not match for its cost, by endpoint.", static of => of.FiltersTooCostly);

        // A series that begins at its first event has no rate for it.
        _accepted.Add(0);
        foreach (var reason in RejectReason.All)
        {
            Rejected(reason, 0);
        }
    }

    /// <summary>The endpoints that have series.</summary>
    public IEnumerable<EndpointId> Endpoints => _endpoints.Select(static of => of.Key);

    /// <summary>The counts in all, also of endpoints that are gone.</summary>
    public RunningCounts Counts { get; } = new();

    /// <summary>Reads or takes the counts of each endpoint that has any.</summary>
    public List<(EndpointId Endpoint, Counts Counts)> ReadEndpoints(Func<RunningCounts, Counts> read) =>
        [.. _endpoints.Select(of => (of.Key, Counts: read(of.Value.Counts))).Where(static of => !of.Counts.IsNone)];

    public void Accepted()
    {
        _accepted.Add(1);
        Counts.Accepted();
    }

    /// <param name="reason">One of <see cref="RejectReason"/>.</param>
    /// <param name="events">The number of events refused for it.</param>
    public void Rejected(string reason, int events = 1) => _rejected.Add(events, new KeyValuePair<string, object?>("reason", reason));

    public void FilterTooCostly(EndpointId endpoint) => Find(endpoint)?.FilterTooCostly();

    public void Committed(TimeSpan duration, int rows)
    {
        _commitDuration.Record(duration.TotalSeconds);
        _commitSize.Record(rows);
    }

    /// <summary>Counts a worker as busy with a delivery until the result is disposed of.</summary>
    public EndpointMeter.UnderWay Begin(EndpointId endpoint) => new(Find(endpoint));

    public void Attempted(EndpointId endpoint, Attempt attempt)
    {
        if (attempt.Reason is not null)
        {
            Counts.Failed();
        }

        Find(endpoint)?.Attempted(attempt);
    }

    public void Delivered(EndpointId endpoint, TimeSpan latency)
    {
        Counts.Delivered();
        Find(endpoint)?.Delivered(latency);
    }

    /// <summary>Counts deliveries that became dead letters, again or for the first time.</summary>
    public void GivenUp(EndpointId endpoint, string reason, int deliveries = 1)
    {
        Counts.GivenUp(deliveries);
        Find(endpoint)?.GivenUp(reason, deliveries);
    }

    /// <summary>Counts a delivery that ended because its event was erased.</summary>
    public void Erased(EndpointId endpoint) => Find(endpoint)?.Erased();

    /// <summary>Counts a delivery that ended because its deadline came first.</summary>
    public void Expired(EndpointId endpoint)
    {
        Counts.Expired();
        Find(endpoint)?.Expired();
    }

    public void Dispose()
    {
        foreach (var endpoint in _endpoints.Keys)
        {
            Forget(endpoint);
        }
    }

    /// <summary>Begins the series of a new endpoint, and ends those of one that is gone.</summary>
    public void Follow(EndpointChanged change)
    {
        if (change.Now is null)
        {
            Forget(change.Id);
        }
        else if (change.Before is null)
        {
            _endpoints[change.Id] = new EndpointMeter(_meters, change.Id);
        }
    }

    /// <summary>Makes a counter of all endpoints, which is read at the scrape.</summary>
    private void Count(Meter meter, string name, string unit, string description, Func<EndpointMeter, IEnumerable<Measurement<long>>> read) =>
        meter.CreateObservableCounter(name, () => _endpoints.SelectMany(of => read(of.Value)), unit, description);

    /// <summary>Null for an endpoint that is gone: its series went with it and none starts over.</summary>
    private EndpointMeter? Find(EndpointId endpoint) => _endpoints.GetValueOrDefault(endpoint);

    private void Forget(EndpointId endpoint)
    {
        if (_endpoints.TryRemove(endpoint, out var meter))
        {
            meter.Dispose();
        }
    }
}
