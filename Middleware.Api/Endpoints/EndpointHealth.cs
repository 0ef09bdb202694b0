using System.Text.Json.Serialization;

namespace Middleware.Endpoints;

/// <summary>How an endpoint is at this moment. Tries are those of deliveries and of batches since the start; tests are not among them.</summary>
internal sealed record EndpointHealth
{
    /// <summary>Fewer tries say nothing of a rate.</summary>
    public const int FewestTries = 10;

    /// <summary>An endpoint is degraded when fewer succeed.</summary>
    public const double LeastSuccessRate = 0.95;

    /// <summary>An endpoint is degraded when so many fail in a row.</summary>
    public const int MostFailuresInARow = 3;

    /// <summary>
    /// The first that is so of <c>disabled</c>: the endpoint is; <c>failing</c>: its circuit is open or half-open; <c>degraded</c>: its last 3
    /// tries failed, or of at least 10 in the last 5 minutes fewer than 95 % succeeded; <c>healthy</c>.
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

    /// <summary><c>closed</c>, <c>half_open</c>: a probe tells next, or <c>open</c>: nothing is sent.</summary>
    public required CircuitState Circuit { get; init; }

    [JsonIgnore]
    public TrySummary Tries { get; init; }

    /// <summary>The share of the tries of the last 5 minutes that were answered 2xx, 0-1, rounded down to four places; null when there was none.</summary>
    public double? SuccessRate => Tries.SuccessRate;

    /// <summary>Tries that failed since the last that succeeded, however long ago.</summary>
    public long ConsecutiveFailures => Tries.FailuresInARow;

    /// <summary>95 of 100 tries of the last 5 minutes took no longer, in milliseconds, at most an eighth too much; null when there was none.</summary>
    [JsonPropertyName("p95_ms")]
    public double? P95Ms => Tries.P95?.TotalMilliseconds;

    /// <summary>How many deliveries wait for it, those under way included; retries of dead letters and replays are not.</summary>
    public required int Waiting { get; init; }

    /// <summary>Zero when none waits, null while the store cannot be read.</summary>
    [JsonIgnore]
    public TimeSpan? OldestWaiting { get; init; }

    /// <summary>How many seconds ago the event was accepted that waits longest; 0 when none waits, null while the store cannot be read.</summary>
    public long? OldestWaitingS => (long?)OldestWaiting?.TotalSeconds;
}

/// <summary>How an endpoint is, in a word.</summary>
internal enum HealthState
{
    /// <summary>Nothing else is so.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>Too many tries fail.</summary>
    [JsonStringEnumMemberName("degraded")]
    Degraded,

    /// <summary>Its circuit is not closed.</summary>
    [JsonStringEnumMemberName("failing")]
    Failing,

    /// <summary>Nothing is sent to it, as somebody wished.</summary>
    [JsonStringEnumMemberName("disabled")]
    Disabled,
}

/// <summary>Whether an endpoint is sent to. The numbers are those of the metric.</summary>
internal enum CircuitState
{
    /// <summary>All goes on.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed = 0,

    /// <summary>The next delivery is a probe, or one is under way.</summary>
    [JsonStringEnumMemberName("half_open")]
    HalfOpen = 1,

    /// <summary>Nothing is sent.</summary>
    [JsonStringEnumMemberName("open")]
    Open = 2,
}

/// <summary>Tries of the last 5 minutes.</summary>
/// <param name="Tries">How many.</param>
/// <param name="Failures">Of so many the answer was no 2xx, or there was none.</param>
/// <param name="FailuresInARow">How many failed since the last that succeeded, however long ago.</param>
/// <param name="P95">95 of 100 took no longer, to an eighth; null without a try.</param>
internal readonly record struct TrySummary(long Tries, long Failures, long FailuresInARow, TimeSpan? P95)
{
    /// <summary>From 0 to 1, rounded down to four places so that 1 says that none failed; null without a try.</summary>
    public double? SuccessRate => Tries == 0 ? null : (Tries - Failures) * 10_000 / Tries / 10_000.0;
}

/// <summary>Reads the state of endpoints.</summary>
internal interface IEndpointHealth
{
    EndpointHealth Of(WebhookEndpoint endpoint);
}
