using Microsoft.AspNetCore.Mvc;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Which events to list.</summary>
public sealed record EventQuery
{
    private static readonly string[] Names =
        ["source", "event_type", "priority", "status", "correlation_id", "since", "until", "q", "cursor", "limit"];

    /// <summary>The source, exactly.</summary>
    [FromQuery(Name = "source")]
    public string? Source { get; init; }

    /// <summary>The event type, exactly.</summary>
    [FromQuery(Name = "event_type")]
    public string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    [FromQuery(Name = "priority")]
    public string? Priority { get; init; }

    /// <summary>
    /// <c>pending</c>: still owed to at least one endpoint, or to be delivered to one again. <c>delivered</c>: every endpoint has it.
    /// <c>dead_letter</c>: nothing is owed any more and at least one endpoint does not have it, given up or discarded.
    /// <c>unrouted</c>: no endpoint matched.
    /// </summary>
    [FromQuery(Name = "status")]
    public string? Status { get; init; }

    /// <summary>The correlation id, exactly.</summary>
    [FromQuery(Name = "correlation_id")]
    public string? CorrelationId { get; init; }

    /// <summary>Accepted at this time (ISO 8601) or later.</summary>
    [FromQuery(Name = "since")]
    public string? Since { get; init; }

    /// <summary>Accepted before this time (ISO 8601).</summary>
    [FromQuery(Name = "until")]
    public string? Until { get; init; }

    /// <summary>A part of the message or of anything else in the payload, whatever its case; at most 256 characters.</summary>
    [FromQuery(Name = "q")]
    public string? Text { get; init; }

    /// <summary>The <c>next_cursor</c> of the page before.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    /// <summary>1 to 1,000; 50 when not given.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    internal EventFilter Read(QueryFaults faults, IQueryCollection query, out PageRequest page)
    {
        faults.CheckNames(query, Names);
        page = faults.Page(Api.Cursor.Events, Cursor, Limit);
        var (since, until) = faults.Times(Since, Until);
        return new EventFilter
        {
            Source = faults.Text("source", Source, EventReader.MaxNameLength),
            EventType = faults.Text("event_type", EventType, EventReader.MaxNameLength),
            Priority = faults.OneOf("priority", Priority, Priorities.Names),
            Status = faults.OneOf("status", Status, EnumNames<EventStatus>.All),
            CorrelationId = faults.CorrelationId("correlation_id", CorrelationId),
            Since = since,
            Until = until,
            Text = faults.Text("q", Text, EventReader.MaxNameLength),
        };
    }
}
