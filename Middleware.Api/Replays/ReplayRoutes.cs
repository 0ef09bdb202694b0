using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.DeadLetters;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.History;
using Middleware.Http;

namespace Middleware.Replays;

/// <summary>The routes that deliver an event again, or dead letters and events in bulk.</summary>
internal static class ReplayRoutes
{
    private const string Path = "/api/v1/replays";
    private const Scopes Read = Scopes.EventsRead | Scopes.Operate;

    private static readonly RequestShape Replayed = new("ReplayRequest", "The endpoint of a replay.", static (_, asked) => Endpoint(asked));

    public static IServiceCollection AddReplays(this IServiceCollection services) => services
        .AddSingleton<ReplayEvent>()
        .AddSingleton<StartBulkReplay>()
        .AddSingleton<RunBulkReplays>();

    public static void MapReplays(this IEndpointRouteBuilder routes)
    {
        var replays = routes.MapGroup(Path).WithTags("Replays");
        replays.Needs(Scopes.Operate).Refuses(503);
        replays.MapPost("", Create).TakesJson(BulkReplayBody.Shape, new JsonRule { Most = static _ => (BulkReplayBody.MostBytes, "") }).Refuses(413, "The body is larger than 192 KiB.").Shows(202, HeaderNames.Location)
            .Answers(200, nameof(BulkReplayItem), "It is only counted.").Refuses(409, "Enough replays run already.").Reads(OperatorName.Header);
        replays.MapGet("", List).HoldsItsAnswer().Needs(Read).Asks(static query => query.Page(Cursor.Replays));
        replays.MapGet("/{replay_id}", Get).Needs(Read).Refuses(404);
        replays.MapDelete("/{replay_id}", Cancel).TakesNothing().Refuses(404);
        routes.MapPost(HistoryRoutes.Path + "/{event_id}/replay", Replay).WithTags("Events").Needs(Scopes.Operate).TakesJson(Replayed, new JsonRule { IsOptional = true })
            .Refuses(404).Refuses(409, "No endpoint gets it again.").Refuses(410, "It was erased.").Refuses(503);
    }

    /// <summary>
    /// Delivers an event again, to all endpoints that matched or to one, below live traffic and with <c>X-Replay-Id</c>. An endpoint for which it is
    /// pending gets it once. Without a body, or with null, it is delivered to all. An endpoint that it never matched needs the scope <c>admin</c>. 409
    /// when no endpoint gets it again, 410 when the event was erased.
    /// </summary>
    private static async Task<Results<Accepted<EventReplay>, ValidationProblem, ProblemHttpResult>> Replay(
        string event_id, HttpContext context, ReplayEvent replay, EndpointRegistry endpoints, CancellationToken cancellationToken)
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

        var only = endpoint is { } given ? new ReplayTarget(given, NeedNotMatch: context.Caller().HasAny(Scopes.Admin)) : default(ReplayTarget?);
        return await replay.ExecuteAsync(id, only, context.Actor(), cancellationToken) switch
        {
            null => HistoryProblems.UnknownEvent(id),
            { IsErased: true } => DeadLetterProblems.ErasedEvent(id),
            { Deliveries: [] } when only is { Id: var other } => endpoints.Find(other) is null
                ? ApiProblems.Invalid("endpoint_id", BulkReplayBody.NotRegistered(other))
                : ApiProblems.MissingScope(context, Scopes.Admin),
            { Queued: 0 } nothing => ReplayProblems.NothingQueued(nothing),
            { } replayed => TypedResults.Accepted((string?)null, replayed),
        };
    }

    /// <summary>
    /// Replays all dead letters or events that match now, or those with the given ids. They go below live traffic, with <c>X-Replay-Id</c>, at the pace asked for and with at most
    /// 1,000 deliveries waiting at once. A replay goes on after a restart. With <c>dry_run</c> it is only counted: 200 with a replay that has no id
    /// and no state. Events for an endpoint that they may never have matched need the scope <c>admin</c>. 409 while 20 run. With the action <c>discard</c>
    /// the dead letters are discarded in the name of the caller. <c>X-Operator</c> names a person beside it, and is required with <c>AUTH=off</c>.
    /// </summary>
    private static async Task<Results<Accepted<BulkReplayItem>, Ok<BulkReplayItem>, ValidationProblem, ProblemHttpResult>> Create(
        HttpContext context, StartBulkReplay start, EndpointRegistry endpoints)
    {
        var asked = RequestReader.Of(context);
        var order = BulkReplayBody.Read(asked, id => endpoints.Find(id) is not null, out var action, out var isDryRun);
        if (asked.Refusal() is { } refusal)
        {
            return refusal;
        }

        if (order.NeedNotMatch && !context.Caller().HasAny(Scopes.Admin))
        {
            return ApiProblems.MissingScope(context, Scopes.Admin);
        }

        if (action == ReplayAction.Discard)
        {
            if (!OperatorName.TryRead(context, out var by))
            {
                return ApiProblems.Invalid(OperatorName.Header, OperatorName.Fault);
            }

            order = order with { DiscardedBy = by.ToString() };
        }

        if (start.UnknownOf(order) is [_, ..] unknown)
        {
            return ReplayProblems.UnknownIds(unknown);
        }

        if (isDryRun)
        {
            return TypedResults.Ok(new BulkReplayItem(order, start.Count(order)));
        }

        return await start.ExecuteAsync(order, context.Actor()) is { } replay
            ? TypedResults.Accepted($"{Path}/{replay.Id}", BulkReplayItem.Created(replay))
            : ReplayProblems.TooManyReplays(StartBulkReplay.MostRunning);
    }

    /// <summary>Lists replays, newest first.</summary>
    private static Results<Ok<ListPage<BulkReplayItem>>, ValidationProblem, ProblemHttpResult> List(
        HttpRequest request, IBulkReplayStore replays)
    {
        var query = RequestReader.Of(request.Query);
        var page = query.Page(Cursor.Replays);
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        return TypedResults.Ok(replays.ReadPage(page, Cursor.Replays, BulkReplayItem.Created, erases: false));
    }

    /// <summary>Reads a page of replays, or of bulk erasures.</summary>
    public static ListPage<T> ReadPage<T>(this IBulkReplayStore replays, PageRequest page, byte list, Func<BulkReplay, T> show, bool erases) =>
        replays.Read(page.Before, page.Limit + 1, erases).ToPage(page.Limit, list, static replay => replay.Number, show);

    /// <summary>Shows the progress of a replay.</summary>
    private static Results<Ok<BulkReplayItem>, ProblemHttpResult> Get(string replay_id, IBulkReplayStore replays) =>
        replays.Find(replay_id) is { Order.Erases: false } replay ? TypedResults.Ok(BulkReplayItem.Created(replay)) : ReplayProblems.UnknownReplay(replay_id);

    /// <summary>
    /// Cancels a replay: after the answer nothing more of it is sent but the deliveries under way (<c>waiting</c>). Queued ones are taken back,
    /// <c>remaining</c> again, and its dead letters are as before. An ended replay is answered as it is.
    /// </summary>
    private static async Task<Results<Ok<BulkReplayItem>, ProblemHttpResult>> Cancel(string replay_id, HttpContext context, IBulkReplayStore replays) =>
        replays.Find(replay_id) is { Order.Erases: false } && await replays.CancelAsync(replay_id, context.Actor()) is { } replay
            ? TypedResults.Ok(BulkReplayItem.Created(replay))
            : ReplayProblems.UnknownReplay(replay_id);

    private static EndpointId? Endpoint(RequestReader asked) =>
        asked.Text("endpoint_id", EndpointId.MaxLength, "The only endpoint that gets it; null for all that matched.") is { } given ? new EndpointId(given) : null;
}
