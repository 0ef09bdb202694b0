using Middleware.Events;
using Middleware.Telemetry;
using ServiceDefaults.Bodies;

namespace Middleware.Accepting;

/// <summary>Refusals of events (RFC 9457); nothing of a refused event is kept.</summary>
internal static class AcceptProblems
{
    private const string RetryAfterSeconds = "1";

    /// <summary>400 with all faults, under the name of the field or under <c>body</c>.</summary>
    public static IResult Invalid(IDictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, title: "The event is not valid.");

    /// <summary>400 for a body that is no batch.</summary>
    public static IResult InvalidBatch(string fault) =>
        TypedResults.ValidationProblem(EventReader.Fault(JsonBody.Body, fault), title: "The batch is not valid.");

    /// <summary>Refuses a body that was not read.</summary>
    public static IResult Unread(BodyFault fault, HttpContext context, IResult tooLarge) =>
        fault == BodyFault.TooLarge ? tooLarge : BodyProblems.Of(fault, context, "");

    /// <summary>The reason of such a refusal, as a label of the metric.</summary>
    public static string ReasonOf(BodyFault fault) => fault switch
    {
        BodyFault.TooLarge => RejectReason.TooLarge,
        BodyFault.Encoded => RejectReason.UnsupportedMediaType,
        BodyFault.Broken => RejectReason.Invalid,
        BodyFault.TooSlow => RejectReason.TooSlow,
        _ => RejectReason.Overloaded,
    };

    /// <summary>413 for a batch.</summary>
    public static IResult BatchTooLarge(int limit) => TypedResults.Problem(
        $"The body is larger than {limit} bytes. Nothing of it was kept: send it in smaller batches.",
        statusCode: StatusCodes.Status413PayloadTooLarge,
        title: "The batch is too large.");

    /// <summary>413.</summary>
    public static IResult TooLarge(int limit) => TypedResults.Problem(
        $"The body is larger than {limit} bytes (MAX_EVENT_BYTES).", statusCode: StatusCodes.Status413PayloadTooLarge, title: "The event is too large.");

    /// <summary>400 for the header.</summary>
    public static IResult InvalidKey() => Invalid(new Dictionary<string, string[]>
    {
        [IdempotencyKey.Header] = ["must be one value of 1 to 255 visible ASCII characters"],
    });

    /// <summary>403 for a source that is not of the caller's key.</summary>
    public static IResult ForeignSource(string source) => TypedResults.Problem(
        $"source {NotOfTheKey(source)}. Nothing was kept.", statusCode: StatusCodes.Status403Forbidden, title: "The caller may not post events of this source.");

    public static string NotOfTheKey(string source) => $"\"{source}\" is not among the sources of the API key";

    /// <summary>422.</summary>
    public static IResult KeyReused() => TypedResults.Problem(
        "This Idempotency-Key was used within the last 24 hours with another body. Nothing was kept: use a new key for a new event.",
        statusCode: StatusCodes.Status422UnprocessableEntity,
        title: "The idempotency key was used already.");

    /// <summary>503.</summary>
    public static IResult QueueFull(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return FullQueue;
    }

    /// <summary>503.</summary>
    public static IResult StoreBusy(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return BusyStore;
    }

    private static IResult BusyStore => TypedResults.Problem(
        "More events wait to be written than are held: the disk is behind. Nothing of this request was kept: send it again later.",
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "The store is busy.");

    private static IResult FullQueue => TypedResults.Problem(
        "Every endpoint that matches this event has a full queue (QUEUE_SIZE). Nothing was kept: send it again later.",
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "The queue is full.");
}
