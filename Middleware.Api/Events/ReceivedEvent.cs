using ServiceDefaults;

namespace Middleware.Events;

/// <summary>A valid event as it was received: the members that routing needs decoded, and all members as they stood.</summary>
internal readonly ref struct ReceivedEvent
{
    public required string Source { get; init; }

    public required string EventType { get; init; }

    public required string Severity { get; init; }

    /// <summary>The time from its acceptance until it is not sent any more; null for ever.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    public required RawMembers Raw { get; init; }

    /// <summary>Makes the accepted event of this time, with a new id. Times are whole microseconds, as they are stored.</summary>
    public IntegrationEvent ToEvent(DateTimeOffset now, string correlationId, string? traceParent)
    {
        now = Whole(now);
        var id = Ids.Create(now);
        var priority = Priorities.FromSeverity(Severity);
        return new IntegrationEvent
        {
            Id = id,
            CorrelationId = correlationId,
            Source = Source,
            EventType = EventType,
            Priority = priority,
            AcceptedAt = now,
            ExpiresAt = ExpiresIn is { } expiresIn ? Whole(now + expiresIn) : null,
            TraceParent = traceParent,
            Payload = EventPayload.Write(id, correlationId, priority, now, Raw),
        };
    }

    private static DateTimeOffset Whole(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
