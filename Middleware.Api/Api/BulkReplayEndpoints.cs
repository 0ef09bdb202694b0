using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Delivering dead letters or events again in bulk.</summary>
internal static class BulkReplayEndpoints
{
    private const string Path = "/api/v1/replays";

    public static void MapBulkReplays(this IEndpointRouteBuilder routes)
    {
        var replays = routes.MapGroup(Path).WithTags("Replays");
        replays.Refuses(503);
        replays.MapPost("", Create).TakesJson(BulkReplayBody.Shape).Shows(202, HeaderNames.Location)
            .Answers(200, nameof(BulkReplayItem), "It is only counted.").Refuses(409, "Enough replays run already.");
        replays.MapGet("", List).Asks(static query => query.Page(Cursor.Replays));
        replays.MapGet("/{replay_id}", Get).Refuses(404);
        replays.MapDelete("/{replay_id}", Cancel).Refuses(404);
    }

    /// <summary>
    /// Delivers again what matches and is there now, below live traffic, with <c>X-Replay-Id</c>, at the pace asked for and with at most
    /// 1,000 deliveries waiting at once. It goes on after a restart. With <c>dry_run</c> it is only counted: 200 with a replay that has no id
    /// and no state. 409 while 20 run.
    /// </summary>
    private static async Task<Results<Accepted<BulkReplayItem>, Ok<BulkReplayItem>, ValidationProblem, ProblemHttpResult>> Create(
        HttpContext context, StartReplay start, EndpointRegistry endpoints)
    {
        var asked = RequestReader.Of(context);
        var order = BulkReplayBody.Read(asked, id => endpoints.Find(id) is not null, out var isDryRun);
        if (asked.Refusal() is { } refusal)
        {
            return refusal;
        }

        if (isDryRun)
        {
            return TypedResults.Ok(new BulkReplayItem(order, start.Count(order)));
        }

        return await start.ExecuteAsync(order) is { } replay
            ? TypedResults.Accepted($"{Path}/{replay.Id}", BulkReplayItem.Created(replay))
            : HistoryProblems.TooManyReplays(StartReplay.MostRunning);
    }

    /// <summary>Lists replays, newest first.</summary>
    private static Results<Ok<ListPage<BulkReplayItem>>, ValidationProblem, ProblemHttpResult> List(
        HttpRequest request, IReplayStore replays)
    {
        var query = RequestReader.Of(request.Query);
        var page = query.Page(Cursor.Replays);
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        var found = replays.Read(page.Before, page.Limit + 1);
        var shown = found.Take(page.Limit).ToList();
        return TypedResults.Ok(new ListPage<BulkReplayItem>(
            [.. shown.Select(BulkReplayItem.Created)], Cursor.Write(Cursor.Replays, found.Count > shown.Count ? shown[^1].Number : null)));
    }

    /// <summary>Shows how far a replay is.</summary>
    private static Results<Ok<BulkReplayItem>, ProblemHttpResult> Get(string replay_id, IReplayStore replays) =>
        replays.Find(replay_id) is { } replay ? TypedResults.Ok(BulkReplayItem.Created(replay)) : HistoryProblems.UnknownReplay(replay_id);

    /// <summary>
    /// Cancels a replay: when this is answered nothing more of it is sent but what is under way (<c>waiting</c>). What was queued is taken back,
    /// <c>remaining</c> again, and its dead letters are as before. A replay that has ended is answered as it is.
    /// </summary>
    private static async Task<Results<Ok<BulkReplayItem>, ProblemHttpResult>> Cancel(string replay_id, IReplayStore replays) =>
        await replays.CancelAsync(replay_id) is { } replay
            ? TypedResults.Ok(BulkReplayItem.Created(replay))
            : HistoryProblems.UnknownReplay(replay_id);
}
