using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.History;

/// <summary>The routes that find events and show one with its deliveries and attempts.</summary>
internal static class HistoryRoutes
{
    public const string Path = "/api/v1/events";

    public static void MapHistory(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup(Path);
        events.WithTags("Events");
        events.Needs(Scopes.EventsRead).Refuses(503);
        events.MapGet("", List).HoldsItsAnswer().Asks(static query => Asked(query));
        events.MapGet("/counts", Count).Asks(static query => Filter(query));
        events.MapGet("/{event_id}", Get).HoldsItsAnswer().Refuses(404);
    }

    /// <summary>
    /// Lists events, newest first. A page looks at so many events and no more. While there is a <c>next_cursor</c> there may be others, even if this
    /// page has fewer than asked for, or none. New events change nothing of the pages that follow.
    /// </summary>
    private static async Task<Results<Ok<ListPage<EventSummary>>, ValidationProblem, ProblemHttpResult>> List(
        HttpContext context, IEventHistory history, CancellationToken cancellationToken)
    {
        var query = RequestReader.Of(context.Request.Query);
        var (filter, page) = Asked(query);
        if (filter.Text is not null && !context.Caller().HasAny(Scopes.PayloadsRead))
        {
            // A search would say bit by bit what the payload is.
            return ApiProblems.MissingScope(context, Scopes.PayloadsRead);
        }

        return query.Refusal() is { } refusal ? refusal : TypedResults.Ok((await history.FindEventsAsync(filter, page, cancellationToken)).ToPage(Cursor.Events));
    }

    /// <summary>Shows an event, its deliveries and every attempt.</summary>
    private static async Task<Results<Ok<EventTimeline>, ValidationProblem, ProblemHttpResult>> Get(
        string event_id, HttpContext context, IEventHistory history, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(event_id, "n", out var id))
        {
            return HistoryProblems.InvalidEventId(event_id);
        }

        return await history.FindEventAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(context.Caller().HasAny(Scopes.PayloadsRead) ? found : found.WithoutPayloads())
            : HistoryProblems.UnknownEvent(id);
    }

    /// <summary>Counts events that match, up to 1,000, among the newest 50,000.</summary>
    private static async Task<Results<Ok<EventCount>, ValidationProblem, ProblemHttpResult>> Count(HttpContext context, IEventHistory history, CancellationToken cancellationToken)
    {
        var query = RequestReader.Of(context.Request.Query);
        var filter = Filter(query);
        return filter.Text is not null && !context.Caller().HasAny(Scopes.PayloadsRead) ? ApiProblems.MissingScope(context, Scopes.PayloadsRead)
            : query.Refusal() is { } refusal ? refusal
            : TypedResults.Ok(await history.CountEventsAsync(filter, cancellationToken));
    }

    private static (HistoryQuery Filter, PageRequest Page) Asked(RequestReader query) => (Filter(query), query.Page(Cursor.Events));

    private static HistoryQuery Filter(RequestReader query)
    {
        var filter = new HistoryQuery
        {
            Source = query.Text("source", EventReader.MaxNameLength, "The source, exactly."),
            EventType = query.Text("event_type", EventReader.MaxNameLength, "The event type, exactly."),
            Priority = query.OneOf("priority", Priorities.Names, "`critical`, `high`, `medium` or `low`."),
            Status = query.OneOf(
                "status",
                EnumNames<EventStatus>.All,
                "`pending`: still owed to at least one endpoint, or to be delivered to one again. `delivered`: every endpoint has it. `dead_letter`: nothing is owed any more and at "
                + "least one endpoint does not have it, given up or discarded. `unrouted`: no endpoint matched. `erased`: its payload is gone. "
                + "`expired`: nothing is owed any more, nothing was given up, and at least one endpoint did not get it in time."),
            CorrelationId = query.CorrelationId("The correlation id, exactly."),
        };
        var (since, until) = query.Times("Accepted");
        var text = query.Text("q", EventReader.MaxNameLength, "A part of the message or of anything else in the payload, in any case; at most 256 characters. Needs the scope `payloads:read`.");
        return filter with { Since = since, Until = until, Text = text };
    }
}
