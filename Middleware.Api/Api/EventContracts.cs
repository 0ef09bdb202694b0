using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>A page of a list, newest first.</summary>
/// <param name="Items">May be fewer than asked for, or none, while there is a next cursor: a page looks at so many events and no more.</param>
/// <param name="NextCursor">Gives the next page; null when this is the last.</param>
public sealed record ListPage<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>An event in a list.</summary>
public record EventItem
{
    /// <summary>32 hexadecimal digits.</summary>
    [RegularExpression(Patterns.Id)]
    public required string EventId { get; init; }

    /// <summary>The correlation id it was accepted under.</summary>
    [RegularExpression(Patterns.CorrelationId)]
    public required string CorrelationId { get; init; }

    /// <summary>As received.</summary>
    public required string Source { get; init; }

    /// <summary>As received.</summary>
    public required string EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    [OneOf<Priority>]
    public required string Priority { get; init; }

    /// <summary><c>pending</c>, <c>delivered</c>, <c>dead_letter</c> or <c>unrouted</c>, over all endpoints.</summary>
    [OneOf<EventStatus>]
    public required string Status { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime AcceptedAt { get; init; }

    /// <summary>How many endpoints matched.</summary>
    public required int Endpoints { get; init; }
}

/// <summary>An event, its deliveries and every attempt.</summary>
public sealed record EventDetail : EventItem
{
    /// <summary>Adds to what a list shows.</summary>
    [SetsRequiredMembers]
    internal EventDetail(EventItem item)
        : base(item)
    {
    }

    /// <summary>As receivers get it, byte for byte; null when the stored bytes are no JSON.</summary>
    [JsonPropertyOrder(1)]
    public StoredJson? Payload { get; init; }

    /// <summary>One for each endpoint that matched.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<DeliveryItem> Deliveries { get; init; } = [];

    /// <summary>Every try, oldest first; the newest 1,000 when there were more.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<AttemptItem> Attempts { get; init; } = [];
}
