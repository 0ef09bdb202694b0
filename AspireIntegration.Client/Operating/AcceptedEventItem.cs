namespace AspireIntegration.Client.Operating;

/// <summary>An event as it was accepted, with nothing that changes later.</summary>
public record AcceptedEventItem
{
    /// <summary>32 hexadecimal digits.</summary>
    public string EventId { get => field ?? ""; init; }

    /// <summary>The correlation id it was accepted under.</summary>
    public string CorrelationId { get => field ?? ""; init; }

    /// <summary>As received.</summary>
    public string Source { get => field ?? ""; init; }

    /// <summary>As received.</summary>
    public string EventType { get => field ?? ""; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    public Priority Priority { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The time from which on it is not sent any more, by its <c>expires_in</c>; UTC, null for none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>An event of the stream.</summary>
/// <param name="Id">Its place, after which the stream goes on when it is given again. Opaque.</param>
/// <param name="Event">The event.</param>
public sealed record StreamedEvent(string Id, AcceptedEventItem Event);

/// <summary>The events that a stream has: those for which all given parts hold.</summary>
public sealed record EventStreamQuery
{
    /// <summary>The source.</summary>
    public string? Source { get; init; }

    /// <summary>The event type.</summary>
    public string? EventType { get; init; }

    /// <summary>The priority.</summary>
    public Priority? Priority { get; init; }

    /// <summary>The correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>A text that the payload has. It needs the scope <c>payloads:read</c>.</summary>
    public string? Q { get; init; }

    /// <summary>CloudEvents SQL 1.0, as a filter of an endpoint has it. It needs the scope <c>payloads:read</c>.</summary>
    public string? Filter { get; init; }

    internal string ToQuery() => new Transport.QueryText()
        .Add("source", Source)
        .Add("event_type", EventType)
        .AddName("priority", Priority)
        .Add("correlation_id", CorrelationId)
        .Add("q", Q)
        .Add("filter", Filter)
        .ToString();
}

/// <summary>
/// A position in the stream of accepted events. The stream moves it on, also past events that were not asked for, so that it goes on where it ended. Used
/// by one stream at a time.
/// </summary>
/// <param name="lastEventId">The <see cref="StreamedEvent.Id"/> after which the stream goes on; null for the next event.</param>
public sealed class EventStreamPosition(string? lastEventId = null)
{
    /// <summary>The id after which the stream goes on; null before the first connection.</summary>
    public string? LastEventId { get; internal set; } = lastEventId;

    /// <summary>Called with true when a connection stands, and with false when it is lost; on any thread.</summary>
    public Action<bool>? ConnectionChanged { get; init; }
}
