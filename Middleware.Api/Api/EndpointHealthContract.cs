using Middleware.Domain;

namespace Middleware.Api;

/// <summary>How an endpoint is at this moment. Tries are those of deliveries and of batches since the start; tests are not among them.</summary>
public sealed record EndpointHealthContract
{
    /// <summary>
    /// The first that is so of <c>disabled</c>: the endpoint is; <c>failing</c>: its circuit is open or half-open; <c>degraded</c>: its last 3
    /// tries failed, or of at least 10 in the last 5 minutes fewer than 95 % succeeded; <c>healthy</c>.
    /// </summary>
    [OneOf<HealthState>]
    public required string State { get; init; }

    /// <summary><c>closed</c>, <c>half_open</c>: a probe tells next, or <c>open</c>: nothing is sent.</summary>
    [OneOf<CircuitState>]
    public required string Circuit { get; init; }

    /// <summary>The share of the tries of the last 5 minutes that were answered 2xx, 0-1, rounded down to four places; null when there was none.</summary>
    public required double? SuccessRate { get; init; }

    /// <summary>Tries that failed since the last that succeeded, however long ago.</summary>
    public required long ConsecutiveFailures { get; init; }

    /// <summary>95 of 100 tries of the last 5 minutes took no longer, in milliseconds, at most an eighth too much; null when there was none.</summary>
    public required double? P95Ms { get; init; }

    /// <summary>How many deliveries wait for it, those under way included; retries of dead letters and replays are not.</summary>
    public required int Waiting { get; init; }

    /// <summary>How many seconds ago the event was accepted that waits longest; 0 when none waits, null while the store cannot be read.</summary>
    public required long? OldestWaitingS { get; init; }
}
