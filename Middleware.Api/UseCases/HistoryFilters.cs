using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Which events are looked for; what is null is not asked. Times are those of the acceptance.</summary>
internal sealed record EventFilter
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

    /// <summary>A part of the payload, whatever its case.</summary>
    public string? Text { get; init; }
}

/// <summary>Which dead letters are looked for; what is null is not asked. Times are those of the last failure.</summary>
internal sealed record DeadLetterFilter
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

/// <summary>Where a page begins and how much it holds.</summary>
/// <param name="Before">The place of the last page's end; <see cref="long.MaxValue"/> for the newest.</param>
/// <param name="Limit">How many items it holds at most.</param>
internal readonly record struct PageRequest(long Before, int Limit);

/// <summary>What was found, newest first.</summary>
/// <param name="Items">Fewer than asked for, or none, when the search was ended for its cost.</param>
/// <param name="Next">Where to go on; null when there is nothing more.</param>
internal sealed record HistoryPage<T>(IReadOnlyList<T> Items, long? Next);
