using System.Text.Json.Serialization;

namespace Middleware.Domain;

/// <summary>A delivery that the fast tier gave up.</summary>
internal sealed record DeadLetter
{
    /// <summary>The order in which they came.</summary>
    public required long Number { get; init; }

    public required DeliveryId Id { get; init; }

    /// <summary>Null, as all that is of the event, when the event cannot be read.</summary>
    public required string? CorrelationId { get; init; }

    public required string? Source { get; init; }

    public required string? EventType { get; init; }

    public required Priority? Priority { get; init; }

    public required DateTimeOffset? AcceptedAt { get; init; }

    public required DeadLetterState State { get; init; }

    /// <summary>Why the last try failed, one of <see cref="FailureReason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>How often it was given up.</summary>
    public required int Failures { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset FirstDeadAt { get; init; }

    public required DateTimeOffset DeadAt { get; init; }

    /// <summary>When it is tried again by itself; null when it waits for an operator, is queued or discarded.</summary>
    public DateTimeOffset? NextRetryAt { get; init; }

    /// <summary>The endpoint that hears of it instead; null when it was not handed over.</summary>
    public EndpointId? HandedTo { get; init; }

    public string? DiscardedBy { get; init; }

    public DateTimeOffset? DiscardedAt { get; init; }
}

/// <summary>Where a dead letter stands. The numbers are stored; they never change.</summary>
internal enum DeadLetterState
{
    /// <summary>It waits for its next try or for an operator.</summary>
    [JsonStringEnumMemberName("resting")]
    Resting = 0,

    /// <summary>It is pending again.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued = 1,

    [JsonStringEnumMemberName("discarded")]
    Discarded = 2,

    /// <summary>Its endpoint's schedule was spent, and the endpoint's fallback hears of the event instead.</summary>
    [JsonStringEnumMemberName("handed_over")]
    HandedOver = 3,
}
