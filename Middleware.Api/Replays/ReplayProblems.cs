using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.DeadLetters;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Replays;

/// <summary>Refusals of requests for a replay (RFC 9457); nothing was changed.</summary>
internal static class ReplayProblems
{
    /// <summary>404.</summary>
    public static ProblemHttpResult UnknownReplay(string id) => ApiProblems.NotFound(
        "The replay is not known.",
        $"There is no bulk replay \"{id}\": it was never created, or was purged (DEAD_LETTER_RETENTION).");

    /// <summary>409: enough run already.</summary>
    public static ProblemHttpResult TooManyReplays(int most) =>
        ApiProblems.Conflict("Too many replays run.", $"{most} replays run already: wait until one is completed, or cancel one.");

    /// <summary>409: there is nothing to do.</summary>
    public static ProblemHttpResult NothingQueued(EventReplay replay) => ApiProblems.Conflict(
        "Nothing was replayed.",
        replay.Deliveries is []
            ? "No endpoint matched this event: there is nowhere to deliver it to."
            : string.Join(' ', replay.Deliveries.Select(static delivery => delivery.Result == ReplayResult.EndpointGone
                ? DeadLetterProblems.GoneText(delivery.Endpoint)
                : $"For the endpoint {delivery.Endpoint} the event is pending already.")));

    /// <summary>400 for ids that are of no event here.</summary>
    public static ValidationProblem UnknownIds(IReadOnlyList<string> first) => ApiProblems.Invalid(
        "ids", $"{string.Join(", ", first.Select(static id => $"\"{id}\""))}: no such event was accepted here, or it was purged (RETENTION); nothing was done");
}
