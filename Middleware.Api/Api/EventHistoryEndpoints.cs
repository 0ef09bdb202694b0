using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Looking for events, at one with all that became of it, and delivering it again.</summary>
internal static class EventHistoryEndpoints
{
    public const string Path = "/api/v1/events";

    private const int MaxIdLength = 128;

    private static readonly RequestShape Replayed = new("ReplayRequest", "What to deliver again.", static (_, asked) => Endpoint(asked));

    public static void MapEventHistory(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup(Path);
        events.WithTags("Events");
        events.Refuses(503);
        events.MapGet("", List).Asks(static query => Asked(query));
        events.MapGet("/{event_id}", Get).Refuses(404);
        events.MapPost("/{event_id}/replay", Replay).TakesJson(Replayed, new JsonRule { IsOptional = true })
            .Refuses(404).Refuses(409, "There is no endpoint to which it is delivered again.");
    }

    /// <summary>
    /// Lists events, newest first. A page looks at so many events and no more: while there is a <c>next_cursor</c> there may be others,
    /// even if this page has fewer than asked for, or none. Events that come meanwhile change nothing of the pages that follow.
    /// </summary>
    private static async Task<Results<Ok<ListPage<EventSummary>>, ValidationProblem, ProblemHttpResult>> List(
        HttpRequest request, IEventHistory history, CancellationToken cancellationToken)
    {
        var query = RequestReader.Of(request.Query);
        var (filter, page) = Asked(query);
        return query.Refusal() is { } refusal ? refusal : TypedResults.Ok((await history.FindEventsAsync(filter, page, cancellationToken)).ToPage(Cursor.Events));
    }

    /// <summary>Shows an event, its deliveries and every attempt.</summary>
    private static async Task<Results<Ok<EventTimeline>, ValidationProblem, ProblemHttpResult>> Get(
        string event_id, IEventHistory history, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(event_id, "n", out var id))
        {
            return HistoryProblems.InvalidEventId(event_id);
        }

        return await history.FindEventAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : HistoryProblems.UnknownEvent(id);
    }

    /// <summary>
    /// Delivers an event again, to all endpoints that matched or to one, below live traffic and with <c>X-Replay-Id</c>. An endpoint for
    /// which it is pending gets it once. Without a body, or with null, it is delivered to all. 409 when there is none to which it is delivered again.
    /// </summary>
    private static async Task<Results<Accepted<EventReplay>, ValidationProblem, ProblemHttpResult>> Replay(
        string event_id, HttpContext context, ReplayEvent replay, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(event_id, "n", out var id))
        {
            return HistoryProblems.InvalidEventId(event_id);
        }

        var asked = RequestReader.Of(context);
        var endpoint = Endpoint(asked);
        if (asked.Refusal() is { } refusal)
        {
            return refusal;
        }

        return await replay.ExecuteAsync(id, endpoint, cancellationToken) switch
        {
            null => HistoryProblems.UnknownEvent(id),
            { Deliveries: [] } when endpoint is not null =>
                HistoryProblems.Invalid("endpoint_id", $"\"{endpoint}\" is no endpoint that matched this event"),
            { Queued: 0 } nothing => HistoryProblems.NothingQueued(nothing),
            { } replayed => TypedResults.Accepted((string?)null, replayed),
        };
    }

    private static (EventFilter Filter, PageRequest Page) Asked(RequestReader query)
    {
        var filter = new EventFilter
        {
            Source = query.Text("source", EventReader.MaxNameLength, "The source, exactly."),
            EventType = query.Text("event_type", EventReader.MaxNameLength, "The event type, exactly."),
            Priority = query.OneOf("priority", Priorities.Names, "`critical`, `high`, `medium` or `low`."),
            Status = query.OneOf(
                "status",
                EnumNames<EventStatus>.All,
                "`pending`: still owed to at least one endpoint, or to be delivered to one again. `delivered`: every endpoint has it. `dead_letter`: nothing is owed any more and at "
                + "least one endpoint does not have it, given up or discarded. `unrouted`: no endpoint matched."),
            CorrelationId = query.CorrelationId("The correlation id, exactly."),
        };
        var (since, until) = query.Times("Accepted");
        var text = query.Text("q", EventReader.MaxNameLength, "A part of the message or of anything else in the payload, whatever its case; at most 256 characters.");
        return (filter with { Since = since, Until = until, Text = text }, query.Page(Cursor.Events));
    }

    private static EndpointId? Endpoint(RequestReader asked) =>
        asked.Text("endpoint_id", MaxIdLength, "The endpoint; null for all that matched.") is { } given ? new EndpointId(given) : null;
}
