using System.Text.Json;

namespace AspireIntegration.Client.Operating;

/// <summary>An event in a list.</summary>
public record EventItem : AcceptedEventItem
{
    /// <summary><c>pending</c>, <c>delivered</c>, <c>dead_letter</c>, <c>unrouted</c>, <c>erased</c> or <c>expired</c>, over all endpoints.</summary>
    public EventStatus Status { get; init; }

    /// <summary>The number of endpoints that matched.</summary>
    public int Endpoints { get; init; }
}

/// <summary>An event, its deliveries and every attempt.</summary>
public sealed record EventDetail : EventItem
{
    /// <summary>The id of the trace of its acceptance and its deliveries (W3C Trace Context), 32 hexadecimal digits; null for an event without one.</summary>
    public string? TraceId { get; init; }

    /// <summary>
    /// The JSON that receivers get, byte for byte; null of an erased event, of bytes that cannot be read, and without the scope
    /// <c>payloads:read</c>.
    /// </summary>
    public JsonElement? Payload { get; init; }

    /// <summary>One for each endpoint that matched.</summary>
    public IReadOnlyList<DeliveryItem> Deliveries { get => field ?? []; init; }

    /// <summary>Every attempt, oldest first; the newest 1,000 when there were more.</summary>
    public IReadOnlyList<AttemptItem> Attempts { get => field ?? []; init; }
}

/// <summary>The verdict of an endpoint's filter on an event.</summary>
public sealed record EndpointMatch
{
    /// <summary>The endpoint.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary>True when all parts hold.</summary>
    public bool Matches { get; init; }

    /// <summary>The verdict of each part.</summary>
    public FilterTestParts Parts { get => field ??= new(); init; }

    /// <summary>The fault of the expression; null without one.</summary>
    public FilterTestError? Error { get; init; }
}

/// <summary>The number of events that match.</summary>
public sealed record EventCount
{
    /// <summary>Their number, at most 1,000.</summary>
    public int Total { get; init; }

    /// <summary>True when there may be more: a count ends at 1,000, and looks at no more than the newest 50,000 events.</summary>
    public bool TotalIsLowerBound { get; init; }
}
