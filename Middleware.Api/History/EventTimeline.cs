using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Middleware.DeadLetters;
using Middleware.Events;

namespace Middleware.History;

/// <summary>An event in a list.</summary>
internal record EventSummary
{
    /// <summary>32 hexadecimal digits.</summary>
    [JsonPropertyName("event_id")]
    public required Guid Id { get; init; }

    /// <summary>The correlation id it was accepted under.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>As received.</summary>
    public required string Source { get; init; }

    /// <summary>As received.</summary>
    public required string EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    public required Priority Priority { get; init; }

    /// <summary><c>pending</c>, <c>delivered</c>, <c>dead_letter</c>, <c>unrouted</c>, <c>erased</c> or <c>expired</c>, over all endpoints.</summary>
    public required EventStatus Status { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The time from which on it is not sent any more, by its <c>expires_in</c>; UTC, null for none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The number of endpoints that matched.</summary>
    public required int Endpoints { get; init; }
}

/// <summary>An event, its deliveries and every attempt.</summary>
internal sealed record EventTimeline : EventSummary, IHeldAnswer
{
    public const int MaxAttempts = 1_000;

    private const int BytesOfDelivery = 1 << 10;

    [SetsRequiredMembers]
    public EventTimeline(EventSummary summary, ReadOnlyMemory<byte> payload, IReadOnlyList<DeliveryState> deliveries, IReadOnlyList<EndpointAttempt> attempts)
        : base(summary)
    {
        Payload = StoredJson.Of(payload);
        Deliveries = [.. deliveries.Select(delivery => delivery with { HandedFrom = deliveries.FirstOrDefault(other => other.HandedTo == delivery.Endpoint)?.Endpoint })];
        Attempts = attempts;
    }

    /// <summary>The id of the trace of its acceptance and its deliveries (W3C Trace Context), 32 hexadecimal digits; null for an event without one.</summary>
    [JsonPropertyOrder(1)]
    public string? TraceId { get; init; }

    /// <summary>The JSON that receivers get, byte for byte; null of an erased event, of bytes that cannot be read, and without the scope <c>payloads:read</c>.</summary>
    [JsonPropertyOrder(1)]
    public StoredJson? Payload { get; private init; }

    /// <summary>One for each endpoint that matched.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<DeliveryState> Deliveries { get; }

    /// <summary>Every attempt, oldest first; the newest 1,000 when there were more.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<EndpointAttempt> Attempts { get; private init; }

    // The payload is copied as a whole when it is written.
    long IHeldAnswer.Bytes => (2L * (Payload?.Length ?? 0)) + (BytesOfDelivery * Deliveries.Count) + Attempts.Sum(static tried => ((IHeldAnswer)tried).Bytes);

    /// <summary>The same without the payload and the answers of receivers.</summary>
    public EventTimeline WithoutPayloads() => this with { Payload = null, Attempts = [.. Attempts.Select(static tried => tried.WithoutResponse())] };
}

/// <summary>An event for one endpoint.</summary>
internal sealed record DeliveryState
{
    /// <summary><c>event_id.endpoint_id</c>.</summary>
    [JsonPropertyName("delivery_id")]
    public required DeliveryId Id { get; init; }

    /// <summary>The endpoint.</summary>
    [JsonPropertyName("endpoint_id")]
    public EndpointId Endpoint => Id.Endpoint;

    /// <summary><c>pending</c>, <c>delivered</c>, <c>dead_letter</c>, <c>discarded</c>, <c>handed_over</c>, <c>erased</c> or <c>expired</c>.</summary>
    public required DeliveryStatus Status { get; init; }

    /// <summary>The number of attempts.</summary>
    [JsonPropertyName("attempt_count")]
    public required int Attempts { get; init; }

    /// <summary>The time of the delivery, for the last time if it was replayed; UTC.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>The replay that made it pending again; null for none.</summary>
    public string? ReplayId { get; init; }

    /// <summary>Null when it was not given up, or was delivered since.</summary>
    [JsonIgnore]
    public DeadLetter? DeadLetter { get; init; }

    /// <summary>The reason for which it was given up; null when it was not.</summary>
    public string? Reason => DeadLetter?.Reason;

    /// <summary>The time at which it was given up last; UTC.</summary>
    public DateTimeOffset? DeadAt => DeadLetter?.DeadAt;

    /// <summary>The time of its next attempt; UTC, null for never.</summary>
    public DateTimeOffset? NextRetryAt => DeadLetter?.NextRetryAt;

    /// <summary>The endpoint that gets the event instead; null when it was not handed over.</summary>
    public EndpointId? HandedTo => DeadLetter?.HandedTo;

    /// <summary>The endpoint whose event this one gets as its fallback; null when the event matched.</summary>
    public EndpointId? HandedFrom { get; init; }

    /// <summary>The operator who discarded it.</summary>
    public string? DiscardedBy => DeadLetter?.DiscardedBy;

    /// <summary>The time of the discarding; UTC.</summary>
    public DateTimeOffset? DiscardedAt => DeadLetter?.DiscardedAt;
}
