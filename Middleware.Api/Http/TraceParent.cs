using System.Diagnostics;

namespace Middleware.Http;

/// <summary>The <c>traceparent</c> (W3C Trace Context) of a request.</summary>
internal static class TraceParent
{
    /// <summary>
    /// The trace parent of the current span when it is sampled, else the caller's own, when it is valid. A trace that began here and is not sampled
    /// has none: nobody will ever look for it.
    /// </summary>
    public static string? Of(HttpContext context)
    {
        var current = Activity.Current;
        if (current is { Recorded: true })
        {
            return current.Id;
        }

        string? given = context.Request.Headers.TraceParent;
        if (given is null || !ActivityContext.TryParse(given, null, out var callers))
        {
            return null;
        }

        // Where the sampler here rejects the caller's sampled trace, the rest of the way must know it.
        return current is not null && callers.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? current.Id : given;
    }
}
