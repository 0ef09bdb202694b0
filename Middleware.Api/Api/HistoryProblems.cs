using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>What an operator is told whose request cannot be met (RFC 9457); nothing was changed.</summary>
internal static class HistoryProblems
{
    /// <summary>400: all that is wrong, under the name of the parameter.</summary>
    public static ValidationProblem Invalid(IDictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, title: "The request is not valid.");

    public static ValidationProblem Invalid(string name, string fault) => Invalid(new Dictionary<string, string[]> { [name] = [fault] });

    public static ValidationProblem InvalidEventId(string given) =>
        Invalid("event_id", $"\"{given}\" is none; 32 hexadecimal digits are accepted");

    public static ValidationProblem InvalidDeliveryId(string given) => Invalid("delivery_id", $"\"{given}\" is none; it is {DeliveryId.Form}");

    /// <summary>404.</summary>
    public static ProblemHttpResult UnknownEvent(Guid id) =>
        Problem(StatusCodes.Status404NotFound, "The event is not known.", $"There is no event {id:n}: it was never accepted here, or was purged (RETENTION).");

    /// <summary>404.</summary>
    public static ProblemHttpResult UnknownDeadLetter(DeliveryId id) => Problem(
        StatusCodes.Status404NotFound,
        "The dead letter is not known.",
        $"There is no dead letter {id}: it was never given up, was delivered since, or was purged (DEAD_LETTER_RETENTION).");

    /// <summary>404.</summary>
    public static ProblemHttpResult UnknownReplay(string id) => Problem(
        StatusCodes.Status404NotFound,
        "The replay is not known.",
        $"There is no bulk replay \"{id}\": it was never created, or was purged (DEAD_LETTER_RETENTION).");

    /// <summary>409: enough run already.</summary>
    public static ProblemHttpResult TooManyReplays(int most) =>
        Conflict("Too many replays run.", $"{most} replays run already: wait until one is completed, or cancel one.");

    /// <summary>409: there is nothing to do.</summary>
    public static ProblemHttpResult NothingQueued(EventReplay replay) => Conflict(
        "Nothing was replayed.",
        replay.Deliveries is []
            ? "No endpoint matched this event: there is nowhere to deliver it to."
            : string.Join(' ', replay.Deliveries.Select(static delivery => delivery.Result == ReplayResult.EndpointGone
                ? GoneText(delivery.Endpoint)
                : $"For the endpoint {delivery.Endpoint} the event is pending already.")));

    /// <summary>409: it does not rest.</summary>
    public static ProblemHttpResult NotResting(DeadLetter deadLetter) => deadLetter.State switch
    {
        DeadLetterState.Queued => Conflict("The dead letter is queued.", $"The dead letter {deadLetter.Id} is pending again already."),
        DeadLetterState.Discarded => Conflict(
            "The dead letter is discarded.",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{deadLetter.DiscardedBy} discarded the dead letter {deadLetter.Id} at {deadLetter.DiscardedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}. Replay the event to deliver it after all.")),
        DeadLetterState.HandedOver => Conflict(
            "The dead letter is handed over.",
            $"The endpoint {deadLetter.HandedTo} hears of the event of the dead letter {deadLetter.Id} instead. Replay the event to deliver it after all."),
        _ => Conflict("The endpoint is gone.", GoneText(deadLetter.Id.Endpoint)),
    };

    private static string GoneText(EndpointId endpoint) => $"The endpoint {endpoint} is not registered any more.";

    private static ProblemHttpResult Conflict(string title, string detail) => Problem(StatusCodes.Status409Conflict, title, detail);

    private static ProblemHttpResult Problem(int status, string title, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: title);
}
