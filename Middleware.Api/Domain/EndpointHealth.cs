using System.Text.Json.Serialization;

namespace Middleware.Domain;

/// <summary>How an endpoint is.</summary>
internal sealed record EndpointHealth
{
    /// <summary>Fewer tries say nothing of a rate.</summary>
    public const int FewestTries = 10;

    /// <summary>An endpoint is degraded when fewer succeed.</summary>
    public const double LeastSuccessRate = 0.95;

    /// <summary>An endpoint is degraded when so many fail in a row.</summary>
    public const int MostFailuresInARow = 3;

    public required bool IsEnabled { get; init; }

    public required CircuitState Circuit { get; init; }

    public required TrySummary Tries { get; init; }

    /// <summary>How many deliveries wait for it, those under way included.</summary>
    public required int Waiting { get; init; }

    /// <summary>How long ago the event was accepted that waits longest; zero when none waits, null while the store cannot be read.</summary>
    public required TimeSpan? OldestWaiting { get; init; }

    /// <summary>The first of these that is so.</summary>
    public HealthState State => this switch
    {
        { IsEnabled: false } => HealthState.Disabled,
        { Circuit: not CircuitState.Closed } => HealthState.Failing,
        { Tries.FailuresInARow: >= MostFailuresInARow } => HealthState.Degraded,
        { Tries: { Tries: >= FewestTries, SuccessRate: < LeastSuccessRate } } => HealthState.Degraded,
        _ => HealthState.Healthy,
    };
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
