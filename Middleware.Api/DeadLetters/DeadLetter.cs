using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Middleware.Events;

namespace Middleware.DeadLetters;

/// <summary>A delivery that was given up.</summary>
internal record DeadLetter
{
    /// <summary>The place in the order in which they came.</summary>
    [JsonIgnore]
    public long Number { get; init; }

    /// <summary><c>event_id.endpoint_id</c>; the event's place in the store, 32 digits as well, where the event cannot be read.</summary>
    [JsonPropertyName("delivery_id")]
    public required DeliveryId Id { get; init; }

    /// <summary>32 hexadecimal digits; null, as are all members of the event, when the event cannot be read.</summary>
    public Guid? EventId => DeliveryId.ReadableIn(Id.EventId);

    /// <summary>The endpoint.</summary>
    public EndpointId EndpointId => Id.Endpoint;

    /// <summary>The correlation id of the event.</summary>
    public required string? CorrelationId { get; init; }

    /// <summary>As received.</summary>
    public required string? Source { get; init; }

    /// <summary>As received.</summary>
    public required string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    public required Priority? Priority { get; init; }

    /// <summary>The time at which the event was accepted; UTC.</summary>
    public required DateTimeOffset? AcceptedAt { get; init; }

    /// <summary><c>resting</c>, <c>queued</c>, <c>discarded</c>, <c>handed_over</c>, <c>erased</c> or <c>expired</c>.</summary>
    public required DeadLetterState State { get; init; }

    /// <summary>The reason for which the last attempt failed.</summary>
    public required string Reason { get; init; }

    /// <summary>The number of times it was given up.</summary>
    public required int Failures { get; init; }

    /// <summary>The number of attempts.</summary>
    [JsonPropertyName("attempt_count")]
    public required int Attempts { get; init; }

    /// <summary>The time at which it was given up first; UTC.</summary>
    public required DateTimeOffset FirstDeadAt { get; init; }

    /// <summary>The time at which it was given up last; UTC.</summary>
    public required DateTimeOffset DeadAt { get; init; }

    /// <summary>The time of its next attempt; UTC, null when it waits for an operator, is queued or discarded.</summary>
    public DateTimeOffset? NextRetryAt { get; init; }

    /// <summary>The endpoint that gets the event instead; null when it was not handed over.</summary>
    public EndpointId? HandedTo { get; init; }

    /// <summary>The operator who discarded it.</summary>
    public string? DiscardedBy { get; init; }

    /// <summary>The time of the discarding; UTC.</summary>
    public DateTimeOffset? DiscardedAt { get; init; }
}

/// <summary>The state of a dead letter. The numbers are stored; they never change.</summary>
internal enum DeadLetterState
{
    /// <summary>It waits for its next attempt or for an operator.</summary>
    [JsonStringEnumMemberName("resting")]
    Resting = 0,

    /// <summary>It is pending again.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued = 1,

    [JsonStringEnumMemberName("discarded")]
    Discarded = 2,

    /// <summary>Its endpoint's schedule was spent, and the endpoint's fallback gets the event instead.</summary>
    [JsonStringEnumMemberName("handed_over")]
    HandedOver = 3,

    /// <summary>Its event was erased.</summary>
    [JsonStringEnumMemberName("erased")]
    Erased = 4,

    /// <summary>Its deadline came before it was delivered: it is no dead letter, or none any more.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired = 5,
}

/// <summary>The conditions of a search for dead letters; null for no condition. Times are those of the last failure.</summary>
internal sealed record DeadLetterQuery
{
    public EndpointId? Endpoint { get; init; }

    public string? Source { get; init; }

    public string? EventType { get; init; }

    public Priority? Priority { get; init; }

    public string? Reason { get; init; }

    /// <summary>Null for all but those that were discarded.</summary>
    public DeadLetterState? State { get; init; }

    /// <summary>At this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A dead letter and its attempts.</summary>
internal sealed record DeadLetterTimeline : DeadLetter, IHeldAnswer
{
    [SetsRequiredMembers]
    public DeadLetterTimeline(DeadLetter deadLetter, IReadOnlyList<EndpointAttempt> tries)
        : base(deadLetter) => Tries = tries;

    /// <summary>Every attempt, oldest first; the newest 1,000 when there were more.</summary>
    [JsonPropertyOrder(1)]
    [JsonPropertyName("attempts")]
    public IReadOnlyList<EndpointAttempt> Tries { get; private init; }

    long IHeldAnswer.Bytes => Tries.Sum(static tried => ((IHeldAnswer)tried).Bytes);

    /// <summary>The same without the answers of receivers.</summary>
    public DeadLetterTimeline WithoutResponses() => this with { Tries = [.. Tries.Select(static tried => tried.WithoutResponse())] };
}

/// <summary>The result of a change, and the dead letter as it is now.</summary>
/// <param name="IsDone">False when it did not rest, and nothing was changed.</param>
/// <param name="DeadLetter">Null when there is none.</param>
internal readonly record struct DeadLetterChange(bool IsDone, DeadLetter? DeadLetter);
