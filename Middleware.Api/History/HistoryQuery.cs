using Middleware.Events;

namespace Middleware.History;

/// <summary>The conditions of a search for events; null for no condition. Times are those of the acceptance.</summary>
internal sealed record HistoryQuery
{
    public string? Source { get; init; }

    public string? EventType { get; init; }

    public Priority? Priority { get; init; }

    public EventStatus? Status { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>At this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A part of the payload, in any case.</summary>
    public string? Text { get; init; }
}
