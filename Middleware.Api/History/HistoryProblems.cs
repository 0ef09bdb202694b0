using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Http;

namespace Middleware.History;

/// <summary>Refusals of requests for an event (RFC 9457).</summary>
internal static class HistoryProblems
{
    public static ValidationProblem InvalidEventId(string given) =>
        ApiProblems.Invalid("event_id", $"\"{given}\" is not an event id; expected 32 hexadecimal digits");

    /// <summary>404.</summary>
    public static ProblemHttpResult UnknownEvent(Guid id) =>
        ApiProblems.NotFound("The event is not known.", $"There is no event {id:n}: it was never accepted here, or was purged (RETENTION).");

    /// <summary>410: its stored payload is damaged, or its key is gone.</summary>
    public static ProblemHttpResult UnreadableEvent(Guid id) =>
        ApiProblems.Problem(StatusCodes.Status410Gone, "The event cannot be read.", $"The payload of the event {id:n} is damaged, or the key it was encrypted with is gone.");
}
