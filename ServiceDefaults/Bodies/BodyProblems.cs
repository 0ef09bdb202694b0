using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ServiceDefaults.Bodies;

/// <summary>The answers to bodies that were not read (RFC 9457). Nothing of such a body is kept.</summary>
public static class BodyProblems
{
    private const string RetryAfterSeconds = "1";

    private const string Broken = "is not what its Content-Encoding says: it is damaged, cut off, or encoded otherwise";

    /// <summary>The answer to a fault.</summary>
    /// <param name="fault">The fault of the body.</param>
    /// <param name="context">The request, whose answer gets the headers that belong to it.</param>
    /// <param name="tooLarge">The text for a body that is too large, with the limit.</param>
    public static ProblemHttpResult Of(BodyFault fault, HttpContext context, string tooLarge) => fault switch
    {
        BodyFault.TooLarge => Problem(StatusCodes.Status413PayloadTooLarge, "The request is too large.", tooLarge),
        BodyFault.Encoded => Encoded(context),
        BodyFault.Broken => TypedResults.Problem(new HttpValidationProblemDetails(new Dictionary<string, string[]> { ["body"] = [Broken] })
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "The body is not valid.",
        }),
        BodyFault.TooSlow => TooSlow(context),
        _ => NoRoom(context),
    };

    /// <summary>408 (RFC 9110, 15.5.9). The rest of the body must not be taken for another request.</summary>
    private static ProblemHttpResult TooSlow(HttpContext context)
    {
        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        return Problem(
            StatusCodes.Status408RequestTimeout,
            "The body came too slowly.",
            "It must come at 16 KiB a second, and a large one go on coming: 160 KiB in each 10 s. Nothing was kept: send it again.");
    }

    /// <summary>415, with the accepted codings in Accept-Encoding (RFC 9110, 12.5.3).</summary>
    private static ProblemHttpResult Encoded(HttpContext context)
    {
        context.Response.Headers.AcceptEncoding = BodyDecoding.Accepted;
        return Problem(
            StatusCodes.Status415UnsupportedMediaType,
            "The content encoding is not supported.",
            $"Content-Encoding is \"{context.Request.Headers.ContentEncoding}\"; expected one of {BodyDecoding.Accepted}, once, or none.");
    }

    /// <summary>503.</summary>
    private static ProblemHttpResult NoRoom(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Problem(
            StatusCodes.Status503ServiceUnavailable,
            "Too much is sent at once.",
            "The bodies of the requests under way take all the room there is (MAX_BODY_BYTES_IN_FLIGHT). Nothing was kept: send it again later.");
    }

    private static ProblemHttpResult Problem(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title);
}
