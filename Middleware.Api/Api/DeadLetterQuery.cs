using Microsoft.AspNetCore.Mvc;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Which dead letters to list.</summary>
public sealed record DeadLetterQuery
{
    private const int MaxIdLength = 128;
    private const int MaxReasonLength = 64;

    private static readonly string[] Names =
        ["endpoint_id", "source", "event_type", "priority", "reason", "state", "since", "until", "cursor", "limit"];

    /// <summary>The endpoint, exactly.</summary>
    [FromQuery(Name = "endpoint_id")]
    public string? EndpointId { get; init; }

    /// <summary>The source, exactly.</summary>
    [FromQuery(Name = "source")]
    public string? Source { get; init; }

    /// <summary>The event type, exactly.</summary>
    [FromQuery(Name = "event_type")]
    public string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    [FromQuery(Name = "priority")]
    public string? Priority { get; init; }

    /// <summary>Why it was given up, exactly, such as <c>http_503</c> or <c>timeout</c>.</summary>
    [FromQuery(Name = "reason")]
    public string? Reason { get; init; }

    /// <summary>
    /// <c>resting</c>: waits for its next try or for an operator. <c>queued</c>: is pending again. <c>discarded</c>.
    /// <c>handed_over</c>: the endpoint's fallback hears of it instead. The first two when not given.
    /// </summary>
    [FromQuery(Name = "state")]
    public string? State { get; init; }

    /// <summary>Given up at this time (ISO 8601) or later.</summary>
    [FromQuery(Name = "since")]
    public string? Since { get; init; }

    /// <summary>Given up before this time (ISO 8601).</summary>
    [FromQuery(Name = "until")]
    public string? Until { get; init; }

    /// <summary>The <c>next_cursor</c> of the page before.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    /// <summary>1 to 1,000; 50 when not given.</summary>
    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    internal DeadLetterFilter Read(QueryFaults faults, IQueryCollection query, out PageRequest page)
    {
        faults.CheckNames(query, Names);
        page = faults.Page(Api.Cursor.DeadLetters, Cursor, Limit);
        var (since, until) = faults.Times(Since, Until);
        return new DeadLetterFilter
        {
            Endpoint = faults.Text("endpoint_id", EndpointId, MaxIdLength) is { } endpoint ? new EndpointId(endpoint) : null,
            Source = faults.Text("source", Source, EventReader.MaxNameLength),
            EventType = faults.Text("event_type", EventType, EventReader.MaxNameLength),
            Priority = faults.OneOf("priority", Priority, Priorities.Names),
            Reason = faults.Text("reason", Reason, MaxReasonLength),
            State = faults.OneOf("state", State, EnumNames<DeadLetterState>.All),
            Since = since,
            Until = until,
        };
    }
}
