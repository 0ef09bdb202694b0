using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.DeadLetters;

/// <summary>The routes that list, show, replay and discard dead letters.</summary>
internal static class DeadLetterRoutes
{
    public static IServiceCollection AddDeadLetters(this IServiceCollection services) => services
        .AddSingleton<ReplayDeadLetter>()
        .AddSingleton<DiscardDeadLetter>();

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var deadLetters = routes.MapGroup("/api/v1/dead-letters").WithTags("Dead letters");
        deadLetters.Needs(Scopes.Operate).Refuses(503);
        deadLetters.MapGet("", List).HoldsItsAnswer().Needs(Scopes.EventsRead).Asks(static query => Asked(query));
        deadLetters.MapGet("/counts", Count).Needs(Scopes.EventsRead).Asks(static query => Filter(query));
        deadLetters.MapGet("/{delivery_id}", Get).HoldsItsAnswer().Needs(Scopes.EventsRead).Refuses(404);
        deadLetters.MapPost("/{delivery_id}/replay", Replay).TakesNothing().Refuses(404).Refuses(409, "It is queued, discarded, handed over or expired, or its endpoint is gone.").Refuses(410, "Its event was erased.");
        deadLetters.MapDelete("/{delivery_id}", Discard).TakesNothing().Refuses(404).Refuses(409, "It is queued, discarded, handed over or expired.").Refuses(410, "Its event was erased.").Reads(OperatorName.Header);
    }

    /// <summary>
    /// Lists dead letters, newest first; discarded ones only when <c>state</c> asks for them. While there is a <c>next_cursor</c> there may be
    /// others, even if this page has fewer than asked for, or none.
    /// </summary>
    private static async Task<Results<Ok<ListPage<DeadLetter>>, ValidationProblem, ProblemHttpResult>> List(
        HttpRequest request, IDeadLetterStore deadLetters, CancellationToken cancellationToken)
    {
        var query = RequestReader.Of(request.Query);
        var (filter, page) = Asked(query);
        return query.Refusal() is { } refusal ? refusal : TypedResults.Ok((await deadLetters.FindDeadLettersAsync(filter, page, cancellationToken)).ToPage(Cursor.DeadLetters));
    }

    /// <summary>Counts dead letters by endpoint and reason, among the newest 50,000; discarded ones only when <c>state</c> asks for them.</summary>
    private static async Task<Results<Ok<DeadLetterCounts>, ValidationProblem, ProblemHttpResult>> Count(
        HttpRequest request, IDeadLetterStore deadLetters, CancellationToken cancellationToken)
    {
        var query = RequestReader.Of(request.Query);
        var filter = Filter(query);
        return query.Refusal() is { } refusal ? refusal : TypedResults.Ok(await deadLetters.CountDeadLettersAsync(filter, cancellationToken));
    }

    /// <summary>Shows a dead letter and its attempts.</summary>
    private static async Task<Results<Ok<DeadLetterTimeline>, ValidationProblem, ProblemHttpResult>> Get(
        string delivery_id, HttpContext context, IDeadLetterStore deadLetters, CancellationToken cancellationToken)
    {
        if (!DeliveryId.TryParse(delivery_id, out var id))
        {
            return DeadLetterProblems.InvalidDeliveryId(delivery_id);
        }

        return await deadLetters.FindDeadLetterAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(context.Caller().HasAny(Scopes.PayloadsRead) ? found : found.WithoutResponses())
            : DeadLetterProblems.UnknownDeadLetter(id);
    }

    /// <summary>
    /// Replays a dead letter now, below live traffic and with <c>X-Replay-Id</c>. 409 when it is queued already, by its schedule or by another
    /// operator, and when it was discarded.
    /// </summary>
    private static async Task<Results<Accepted<EventReplay>, ValidationProblem, ProblemHttpResult>> Replay(
        string delivery_id, HttpContext context, ReplayDeadLetter replay, CancellationToken cancellationToken)
    {
        if (!DeliveryId.TryParse(delivery_id, out var id))
        {
            return DeadLetterProblems.InvalidDeliveryId(delivery_id);
        }

        var (replayId, change) = await replay.ExecuteAsync(id, context.Actor(), cancellationToken);
        return change switch
        {
            { DeadLetter: null } => DeadLetterProblems.UnknownDeadLetter(id),
            { IsDone: false, DeadLetter: { } deadLetter } => DeadLetterProblems.NotResting(deadLetter),
            _ => TypedResults.Accepted((string?)null, new EventReplay(replayId, id.EventId, [new ReplayedDelivery(id, ReplayResult.Queued)])),
        };
    }

    /// <summary>
    /// Discards a dead letter in the name of the caller. It is not delivered again, and kept with the caller and the time. <c>X-Operator</c> names a
    /// person beside the caller, and is required with <c>AUTH=off</c>. 409 when it is queued or was discarded already.
    /// </summary>
    private static async Task<Results<Ok<DeadLetter>, ValidationProblem, ProblemHttpResult>> Discard(
        string delivery_id, HttpContext context, DiscardDeadLetter discard, CancellationToken cancellationToken)
    {
        if (!DeliveryId.TryParse(delivery_id, out var id))
        {
            return DeadLetterProblems.InvalidDeliveryId(delivery_id);
        }

        if (!OperatorName.TryRead(context, out var by))
        {
            return ApiProblems.Invalid(OperatorName.Header, OperatorName.Fault);
        }

        return await discard.ExecuteAsync(id, by, cancellationToken) switch
        {
            { DeadLetter: null } => DeadLetterProblems.UnknownDeadLetter(id),
            { IsDone: false, DeadLetter: { } deadLetter } => DeadLetterProblems.NotResting(deadLetter),
            { DeadLetter: { } discarded } => TypedResults.Ok(discarded),
        };
    }

    private static (DeadLetterQuery Filter, PageRequest Page) Asked(RequestReader query) => (Filter(query), query.Page(Cursor.DeadLetters));

    private static DeadLetterQuery Filter(RequestReader query)
    {
        var filter = new DeadLetterQuery
        {
            Endpoint = query.Text("endpoint_id", EndpointId.MaxLength, "The endpoint, exactly.") is { } endpoint ? new EndpointId(endpoint) : null,
            Source = query.Text("source", EventReader.MaxNameLength, "The source, exactly."),
            EventType = query.Text("event_type", EventReader.MaxNameLength, "The event type, exactly."),
            Priority = query.OneOf("priority", Priorities.Names, "`critical`, `high`, `medium` or `low`."),
            Reason = query.Text("reason", FailureReason.MaxLength, "The reason for which it was given up, exactly, such as `http_503` or `timeout`."),
            State = query.OneOf(
                "state",
                EnumNames<DeadLetterState>.All,
                "`resting`: waits for its next attempt or for an operator. `queued`: is pending again. `discarded`. `handed_over`: the endpoint's fallback gets the event instead. `erased`: the event was erased. `expired`: its deadline came first. "
                + "The first two when not given."),
        };
        var (since, until) = query.Times("Given up");
        return filter with { Since = since, Until = until };
    }
}
