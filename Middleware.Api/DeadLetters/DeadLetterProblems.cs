using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.DeadLetters;

/// <summary>Refusals of requests for a dead letter (RFC 9457); nothing was changed.</summary>
internal static class DeadLetterProblems
{
    public static ValidationProblem InvalidDeliveryId(string given) => ApiProblems.Invalid("delivery_id", $"\"{given}\" is not a delivery id; expected {DeliveryId.Form}");

    /// <summary>404.</summary>
    public static ProblemHttpResult UnknownDeadLetter(DeliveryId id) => ApiProblems.NotFound(
        "The dead letter is not known.",
        $"There is no dead letter {id}: it was never given up, was delivered since, or was purged (DEAD_LETTER_RETENTION).");

    /// <summary>409: it does not rest; 410 for one whose event was erased.</summary>
    public static ProblemHttpResult NotResting(DeadLetter deadLetter) => deadLetter.State switch
    {
        DeadLetterState.Queued => ApiProblems.Conflict("The dead letter is queued.", $"The dead letter {deadLetter.Id} is pending again already."),
        DeadLetterState.Discarded => ApiProblems.Conflict(
            "The dead letter is discarded.",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{deadLetter.DiscardedBy} discarded the dead letter {deadLetter.Id} at {deadLetter.DiscardedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}. Replay the event to deliver it after all.")),
        DeadLetterState.HandedOver => ApiProblems.Conflict(
            "The dead letter is handed over.",
            $"The endpoint {deadLetter.HandedTo} has the event of the dead letter {deadLetter.Id} instead. Replay the event to deliver it after all."),
        DeadLetterState.Erased => ErasedEvent(deadLetter.Id.EventId),
        DeadLetterState.Expired => ApiProblems.Conflict(
            "The delivery is expired.",
            string.Create(
                CultureInfo.InvariantCulture,
                $"The delivery {deadLetter.Id} expired at {deadLetter.DeadAt:yyyy-MM-dd'T'HH:mm:ss'Z'}. Replay the event to deliver it after all.")),
        _ => ApiProblems.Conflict("The endpoint is gone.", GoneText(deadLetter.Id.Endpoint)),
    };

    /// <summary>410.</summary>
    public static ProblemHttpResult ErasedEvent(Guid id) => ApiProblems.Problem(
        StatusCodes.Status410Gone, "The event is erased.", $"The event {id:n} was erased: there is nothing to deliver any more.");

    /// <summary>The text for an endpoint that is not registered.</summary>
    public static string GoneText(EndpointId endpoint) => $"The endpoint {endpoint} is not registered any more.";
}
