using System.Text.Json.Serialization;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Stats;

/// <summary>The counts of the last minutes, of all replicas.</summary>
internal sealed record StatsItem : IHeldAnswer
{
    private const int BytesOfMinute = 200;

    /// <summary>The beginning of the first minute; UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Each minute, oldest first. The last one is under way: of it the counts of other replicas are not there yet.</summary>
    public required IReadOnlyList<MinuteItem> Minutes { get; init; }

    /// <summary>The endpoints with something to count, the busiest first; at most 100.</summary>
    public required IReadOnlyList<EndpointStatsItem> Endpoints { get; init; }

    /// <summary>False when more endpoints had something: each replica keeps the 100 busiest of a minute.</summary>
    public required bool EndpointsAreAll { get; init; }

    /// <summary>Deliveries that wait for endpoints, those under way included. Retries of dead letters and replays are not counted.</summary>
    public required long Waiting { get; init; }

    /// <summary>The age of the oldest event that waits, in seconds, up to 5 seconds old; 0 when none waits.</summary>
    public required long OldestWaitingS { get; init; }

    long IHeldAnswer.Bytes => (long)BytesOfMinute * (Minutes.Count + Endpoints.Sum(static endpoint => 1 + endpoint.Minutes.Count));
}

/// <summary>The ends of deliveries and attempts.</summary>
internal abstract class DeliveryCounts(Counts counts)
{
    /// <summary>Deliveries that ended well.</summary>
    public long Delivered => counts.Delivered;

    /// <summary>Attempts without a 2xx answer.</summary>
    public long FailedAttempts => counts.FailedAttempts;

    /// <summary>Deliveries given up, for now or for good.</summary>
    public long DeadLetters => counts.DeadLetters;

    /// <summary>Deliveries whose deadline came first.</summary>
    public long Expired => counts.Expired;
}

/// <summary>The counts of a minute.</summary>
internal sealed class MinuteItem(DateTimeOffset at, Counts counts) : DeliveryCounts(counts)
{
    /// <summary>Its beginning; UTC.</summary>
    [JsonPropertyOrder(-2)]
    public DateTimeOffset At => at;

    /// <summary>Events accepted.</summary>
    [JsonPropertyOrder(-1)]
    public long Accepted { get; } = counts.Accepted;
}

/// <summary>The counts of an endpoint.</summary>
internal sealed class EndpointStatsItem(EndpointId endpoint, Counts counts, IReadOnlyList<EndpointMinuteItem> minutes) : DeliveryCounts(counts)
{
    /// <summary>The endpoint, which may be gone meanwhile.</summary>
    [JsonPropertyOrder(-1)]
    public EndpointId EndpointId => endpoint;

    /// <summary>The minutes with something to count, oldest first. None when more than 60 minutes of several endpoints are asked for.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<EndpointMinuteItem> Minutes => minutes;

    [JsonIgnore]
    public long Busy { get; } = counts.Busy;
}

/// <summary>The counts of an endpoint in a minute.</summary>
internal sealed class EndpointMinuteItem(DateTimeOffset at, Counts counts) : DeliveryCounts(counts)
{
    /// <summary>Its beginning; UTC.</summary>
    [JsonPropertyOrder(-1)]
    public DateTimeOffset At => at;

    [JsonIgnore]
    public bool IsNone { get; } = counts.IsNone;
}
