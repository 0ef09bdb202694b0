using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Api.OpenApi;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Looking for events, at one with all that became of it, and delivering it again.</summary>
internal static class EventHistoryEndpoints
{
    public const string Path = "/api/v1/events";

    private const int MaxIdLength = 128;

    public static void MapEventHistory(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup(Path);
        events.WithTags("Events");
        events.Refuses(503);
        events.MapGet("", List);
        events.MapGet("/{event_id}", Get).Refuses(404);
        events.MapPost("/{event_id}/replay", Replay).TakesJson(typeof(ReplayRequest), new JsonRule { IsOptional = true })
            .Refuses(404).Refuses(409, "There is no endpoint to which it is delivered again.");
    }

    /// <summary>
    /// Lists events, newest first. A page looks at so many events and no more: while there is a <c>next_cursor</c> there may be others,
    /// even if this page has fewer than asked for, or none. Events that come meanwhile change nothing of the pages that follow.
    /// </summary>
    private static async Task<Results<Ok<ListPage<EventItem>>, ValidationProblem, ProblemHttpResult>> List(
        [AsParameters] EventQuery query, HttpRequest request, IEventHistory history, CancellationToken cancellationToken)
    {
        var faults = new QueryFaults();
        var filter = query.Read(faults, request.Query, out var page);
        return faults.Errors.Count > 0
            ? HistoryProblems.Invalid(faults.Errors)
            : TypedResults.Ok((await history.FindEventsAsync(filter, page, cancellationToken)).ToAnswer());
    }

    /// <summary>Shows an event, its deliveries and every attempt.</summary>
    private static async Task<Results<Ok<EventDetail>, ValidationProblem, ProblemHttpResult>> Get(
        string event_id, IEventHistory history, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(event_id, "n", out var id))
        {
            return HistoryProblems.InvalidEventId(event_id);
        }

        return await history.FindEventAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found.ToAnswer())
            : HistoryProblems.UnknownEvent(id);
    }

    /// <summary>
    /// Delivers an event again, to all endpoints that matched or to one, below live traffic and with <c>X-Replay-Id</c>. An endpoint for
    /// which it is pending gets it once. Without a body, or with null, it is delivered to all. 409 when there is none to which it is delivered again.
    /// </summary>
    private static async Task<Results<Accepted<ReplayAnswer>, ValidationProblem, ProblemHttpResult>> Replay(
        string event_id, HttpContext context, ReplayEvent replay, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(event_id, "n", out var id))
        {
            return HistoryProblems.InvalidEventId(event_id);
        }

        var faults = new QueryFaults();
        var asked = new ObjectReader(JsonRequest.Of(context), faults);
        EndpointId? endpoint = asked.Text("endpoint_id", MaxIdLength) is { } given ? new EndpointId(given) : null;
        asked.RefuseTheRest();
        if (faults.Errors.Count > 0)
        {
            return HistoryProblems.Invalid(faults.Errors);
        }

        return await replay.ExecuteAsync(id, endpoint, cancellationToken) switch
        {
            null => HistoryProblems.UnknownEvent(id),
            { Deliveries: [] } when endpoint is not null =>
                HistoryProblems.Invalid("endpoint_id", $"\"{endpoint}\" is no endpoint that matched this event"),
            { Queued: 0 } nothing => HistoryProblems.NothingQueued(nothing),
            { } replayed => TypedResults.Accepted((string?)null, replayed.ToAnswer()),
        };
    }
}
