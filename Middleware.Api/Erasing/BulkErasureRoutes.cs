using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.Http;
using Middleware.Replays;

namespace Middleware.Erasing;

/// <summary>The routes that erase events in bulk. A bulk erasure walks the events as a bulk replay does.</summary>
internal static class BulkErasureRoutes
{
    private const string Path = "/api/v1/erasures";

    public static void MapBulkErasures(this IEndpointRouteBuilder routes)
    {
        var erasures = routes.MapGroup(Path).WithTags("Erasures");
        erasures.Needs(Scopes.Admin).Refuses(503);
        erasures.MapPost("", Create).TakesJson(BulkReplayBody.ErasureShape).Shows(202, HeaderNames.Location)
            .Answers(200, nameof(BulkErasureItem), "It is only counted.").Refuses(409, "Enough replays and erasures run already.");
        erasures.MapGet("", List).HoldsItsAnswer().Asks(static query => query.Page(Cursor.Erasures));
        erasures.MapGet("/{erasure_id}", Get).Refuses(404);
        erasures.MapDelete("/{erasure_id}", Cancel).TakesNothing().Refuses(404);
    }

    /// <summary>
    /// Erases all events that match now, each as the erasure of a single event does. It goes on after a restart, and what it erased cannot be taken back. With
    /// <c>dry_run</c> the events are only counted: 200 with an erasure that has no id and no state. 409 while 20 replays and erasures run.
    /// </summary>
    private static async Task<Results<Accepted<BulkErasureItem>, Ok<BulkErasureItem>, ValidationProblem, ProblemHttpResult>> Create(
        HttpContext context, StartBulkReplay start)
    {
        var asked = RequestReader.Of(context);
        var order = BulkReplayBody.ReadErasure(asked, out var isDryRun);
        if (asked.Refusal() is { } refusal)
        {
            return refusal;
        }

        if (isDryRun)
        {
            return TypedResults.Ok(new BulkErasureItem(new BulkReplayItem(order, start.Count(order))));
        }

        return await start.ExecuteAsync(order, context.Actor()) is { } erasure
            ? TypedResults.Accepted($"{Path}/{erasure.Id}", BulkErasureItem.Created(erasure))
            : ReplayProblems.TooManyReplays(StartBulkReplay.MostRunning);
    }

    /// <summary>Lists bulk erasures, newest first.</summary>
    private static Results<Ok<ListPage<BulkErasureItem>>, ValidationProblem, ProblemHttpResult> List(HttpRequest request, IBulkReplayStore erasures)
    {
        var query = RequestReader.Of(request.Query);
        var page = query.Page(Cursor.Erasures);
        return query.Refusal() is { } refusal ? refusal : TypedResults.Ok(erasures.ReadPage(page, Cursor.Erasures, BulkErasureItem.Created, erases: true));
    }

    /// <summary>Shows the progress of a bulk erasure.</summary>
    private static Results<Ok<BulkErasureItem>, ProblemHttpResult> Get(string erasure_id, IBulkReplayStore erasures) =>
        erasures.Find(erasure_id) is { Order.Erases: true } erasure ? TypedResults.Ok(BulkErasureItem.Created(erasure)) : UnknownErasure(erasure_id);

    /// <summary>
    /// Cancels a bulk erasure: after the answer nothing more of it is erased. Erased events stay so. An ended erasure is answered as it is.
    /// </summary>
    private static async Task<Results<Ok<BulkErasureItem>, ProblemHttpResult>> Cancel(string erasure_id, HttpContext context, IBulkReplayStore erasures) =>
        erasures.Find(erasure_id) is { Order.Erases: true } && await erasures.CancelAsync(erasure_id, context.Actor()) is { } erasure
            ? TypedResults.Ok(BulkErasureItem.Created(erasure))
            : UnknownErasure(erasure_id);

    private static ProblemHttpResult UnknownErasure(string id) => ApiProblems.NotFound(
        "The erasure is not known.",
        $"There is no bulk erasure \"{id}\": it was never created, or was purged (DEAD_LETTER_RETENTION).");
}
