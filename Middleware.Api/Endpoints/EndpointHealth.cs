using System.Text.Json.Serialization;
using Middleware.Events;

namespace Middleware.Endpoints;

/// <summary>
/// The health of an endpoint at this moment; with several replicas as the one that serves it knew it up to two seconds ago. Attempts are those of deliveries and
/// of batches since that replica serves it; tests are not counted.
/// </summary>
internal sealed record EndpointHealth
{
    /// <summary>The fewest attempts from which a rate is judged.</summary>
    public const int FewestTries = 10;

    /// <summary>The rate of success below which an endpoint is degraded.</summary>
    public const double LeastSuccessRate = 0.95;

    /// <summary>The failures in a row from which an endpoint is degraded.</summary>
    public const int MostFailuresInARow = 3;

    /// <summary>
    /// <c>disabled</c>: the endpoint is disabled. <c>failing</c>: its circuit is open or half-open. <c>degraded</c>: its last 3 attempts failed, or
    /// fewer than 95 % of at least 10 in the last 5 minutes succeeded. <c>healthy</c>: none of these. The first that holds is given.
    /// </summary>
    public HealthState State => this switch
    {
        { IsEnabled: false } => HealthState.Disabled,
        { Circuit: not CircuitState.Closed } => HealthState.Failing,
        { Tries.FailuresInARow: >= MostFailuresInARow } => HealthState.Degraded,
        { Tries: { Tries: >= FewestTries, SuccessRate: < LeastSuccessRate } } => HealthState.Degraded,
        _ => HealthState.Healthy,
    };

    [JsonIgnore]
    public bool IsEnabled { get; init; }

    /// <summary><c>closed</c>, <c>half_open</c>: a probe decides next, or <c>open</c>: nothing is sent.</summary>
    public required CircuitState Circuit { get; init; }

    [JsonIgnore]
    public TrySummary Tries { get; init; }

    /// <summary>
    /// The share of the attempts of the last 5 minutes that were answered 2xx, 0-1, rounded down to four places; null without an attempt.
    /// </summary>
    public double? SuccessRate => Tries.SuccessRate;

    /// <summary>Attempts that failed since the last success, however long ago.</summary>
    public long ConsecutiveFailures => Tries.FailuresInARow;

    /// <summary>
    /// The 95th percentile of the attempts' durations in the last 5 minutes, in milliseconds, at most an eighth too high; null without an attempt.
    /// </summary>
    [JsonPropertyName("p95_ms")]
    public double? P95Ms => Tries.P95?.TotalMilliseconds;

    /// <summary>Deliveries that wait for it, those under way included. Retries of dead letters and replays are not counted.</summary>
    public required int Waiting { get; init; }

    /// <summary>Those of them that are held: in order by key they wait behind a failed one, or for their next attempt.</summary>
    public int Held { get; init; }

    /// <summary>The age of the oldest waiting event. Zero when none waits, null while the store cannot be read.</summary>
    [JsonIgnore]
    public TimeSpan? OldestWaiting { get; init; }

    /// <summary>The age of the oldest waiting event, in seconds; 0 when none waits, null while the store cannot be read.</summary>
    public long? OldestWaitingS => (long?)OldestWaiting?.TotalSeconds;
}

/// <summary>The health of an endpoint, in a word.</summary>
internal enum HealthState
{
    /// <summary>None of the others holds.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>Too many attempts fail.</summary>
    [JsonStringEnumMemberName("degraded")]
    Degraded,

    /// <summary>Its circuit is not closed.</summary>
    [JsonStringEnumMemberName("failing")]
    Failing,

    /// <summary>It is disabled: nothing is sent to it.</summary>
    [JsonStringEnumMemberName("disabled")]
    Disabled,
}

/// <summary>The state of an endpoint's circuit. The numbers are those of the metric.</summary>
internal enum CircuitState
{
    /// <summary>Deliveries are sent.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed = 0,

    /// <summary>The next delivery is a probe, or one is under way.</summary>
    [JsonStringEnumMemberName("half_open")]
    HalfOpen = 1,

    /// <summary>Nothing is sent.</summary>
    [JsonStringEnumMemberName("open")]
    Open = 2,
}

/// <summary>The attempts of the last 5 minutes.</summary>
/// <param name="Tries">All of them.</param>
/// <param name="Failures">Those without a 2xx answer.</param>
/// <param name="FailuresInARow">The failures since the last success, however long ago.</param>
/// <param name="P95">The 95th percentile of the durations, at most an eighth too high; null without an attempt.</param>
internal readonly record struct TrySummary(long Tries, long Failures, long FailuresInARow, TimeSpan? P95)
{
    /// <summary>From 0 to 1, rounded down to four places so that 1 means no failure; null without an attempt.</summary>
    public double? SuccessRate => Tries == 0 ? null : (Tries - Failures) * 10_000 / Tries / 10_000.0;

    /// <summary>The attempts of two lanes. A row of failures is the longer one, and the percentile the higher one.</summary>
    public TrySummary And(TrySummary other) => new(
        Tries + other.Tries, Failures + other.Failures, Math.Max(FailuresInARow, other.FailuresInARow), P95 is { } p95 && !(other.P95 > p95) ? p95 : other.P95);
}

internal interface IEndpointHealth
{
    EndpointHealth Of(WebhookEndpoint endpoint);

    /// <summary>Takes in what other replicas have written of the endpoints that they serve. Throws <see cref="StoreUnavailableException"/>.</summary>
    Task RefreshAsync();
}
