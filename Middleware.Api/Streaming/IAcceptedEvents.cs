using System.Text.Json.Serialization;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.History;

namespace Middleware.Streaming;

/// <summary>
/// Reads accepted events in the order in which each writer committed them. Nothing that is read later stands before a place that was read to. The store
/// holds nothing for its readers, and its writer does nothing for them.
/// </summary>
internal interface IAcceptedEvents
{
    /// <summary>The place after all that is accepted so far.</summary>
    StreamPlace Now();

    /// <summary>The place of a text; null where it is no place of this store.</summary>
    StreamPlace? FindPlace(string text);

    /// <summary>True when there is something after a place. Reads memory alone.</summary>
    bool HasMore(StreamPlace place);

    /// <summary>
    /// Reads the next rows, at most <paramref name="rows"/>, and moves the place past them. The place stays
    /// where it is when that fails. May throw <see cref="StoreUnavailableException"/>.
    /// </summary>
    Task<StreamPage> ReadAsync(StreamQuery query, StreamPlace place, int rows, CancellationToken cancellationToken);
}

/// <summary>The events that a listener asks for.</summary>
/// <param name="Fields">Conditions of their fields, and a part of the payload.</param>
/// <param name="Filter">A filter of endpoints; null for none.</param>
internal sealed record StreamQuery(HistoryQuery Fields, EventFilter? Filter)
{
    /// <summary>True when payloads are read.</summary>
    public bool ReadsPayloads => Fields.Text is not null || Filter is not null;
}

/// <summary>A page of events.</summary>
/// <param name="Events">Those that were asked for, each with the text of the place after it.</param>
/// <param name="Cost">The rows that it cost to read; payloads and filters cost as much as rows do.</param>
internal sealed record StreamPage(IReadOnlyList<(string Place, AcceptedEventItem Event)> Events, int Cost);

/// <summary>An event as it was accepted, with nothing that changes later.</summary>
internal sealed record AcceptedEventItem
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

    /// <summary>UTC.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>The time from which on it is not sent any more, by its <c>expires_in</c>; UTC, null for none.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
