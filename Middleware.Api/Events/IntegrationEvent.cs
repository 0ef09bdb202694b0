namespace Middleware.Events;

/// <summary>An accepted event. It never changes: its deliveries bear its state.</summary>
internal sealed record IntegrationEvent
{
    /// <summary>A UUIDv7, the same on every attempt; receivers deduplicate on it.</summary>
    public required Guid Id { get; init; }

    public required string CorrelationId { get; init; }

    public required string Source { get; init; }

    public required string EventType { get; init; }

    public required Priority Priority { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The time from which on it is not sent any more; null for none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The W3C <c>traceparent</c> under which it was accepted: the parent of its deliveries, also after a restart.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The event as receivers get it (<see cref="EventPayload"/>), written once when it was accepted.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The id as it is written everywhere: 32 hexadecimal digits.</summary>
    public string IdText => Id.ToString("n");

    /// <summary>Its approximate memory, in bytes: the payload and the members beside it.</summary>
    public int HeldBytes => Payload.Length + 1_024;
}
