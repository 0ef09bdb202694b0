using Microsoft.AspNetCore.Mvc;
using Middleware.Telemetry;
using ServiceDefaults.Logging;

namespace Middleware.Accepting;

/// <summary>
/// Logs the requests whose events were not accepted, with the reason. A full queue refuses thousands a second: the lines are capped as those of
/// accepted events are.
/// </summary>
internal sealed partial class RefusalLog : IDisposable
{
    private readonly ILogger<RefusalLog> _logger;
    private readonly MiddlewareMetrics _metrics;
    private readonly LogCap _lines;

    public RefusalLog(MiddlewareMetrics metrics, TimeProvider clock, ILogger<RefusalLog> logger)
    {
        _metrics = metrics;
        _logger = logger;
        _lines = new LogCap(clock, LinesLeftOut);
    }

    /// <summary>Logs a result that is a refusal: its title and the faulty fields, never their values.</summary>
    public void Note(HttpContext context, IResult result)
    {
        if (result is IValueHttpResult { Value: ProblemDetails problem } && _lines.Allows())
        {
            var fields = problem is HttpValidationProblemDetails { Errors.Keys: var keys } ? string.Join(", ", keys) : null;
            Refused(context.TraceIdentifier, problem.Status, problem.Title, fields);
        }
    }

    /// <summary>Counts and logs a request that was refused before its route, if that accepts events: for its host, page or caller, or over a limit.</summary>
    public void NoteBefore(HttpContext context, IResult result)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AcceptsEvents>() is not null)
        {
            _metrics.Rejected((result as IStatusCodeHttpResult)?.StatusCode switch
            {
                StatusCodes.Status400BadRequest => RejectReason.Invalid,
                StatusCodes.Status401Unauthorized => RejectReason.Unauthorized,
                StatusCodes.Status403Forbidden => RejectReason.Forbidden,
                StatusCodes.Status429TooManyRequests => RejectReason.RateLimited,
                _ => RejectReason.Overloaded,
            });
            Note(context, result);
        }
    }

    /// <summary>Logs a batch of which not all events were accepted.</summary>
    public void NoteBatch(HttpContext context, int accepted, int rejected)
    {
        if (rejected > 0 && _lines.Allows())
        {
            RefusedInPart(context.TraceIdentifier, accepted, rejected);
        }
    }

    public void Dispose() => _lines.Dispose();

    [LoggerMessage(LogLevel.Warning, "request refused")]
    private partial void Refused(string correlationId, int? statusCode, string? reason, string? fields);

    [LoggerMessage(LogLevel.Warning, "batch accepted in part")]
    private partial void RefusedInPart(string correlationId, int accepted, int rejected);

    [LoggerMessage(LogLevel.Warning, "request refused: more in the last second")]
    private partial void LinesLeftOut(int leftOut);
}
