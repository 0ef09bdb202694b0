using System.Diagnostics;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>The W3C <c>traceparent</c> under which the events of a request are accepted.</summary>
internal static class TraceParent
{
    /// <summary>Starts the span of accepting what a request brings; null when nobody listens or the request is not sampled.</summary>
    public static Activity? StartAccept(HttpContext context) =>
        MiddlewareTraces.AreListenedTo ? MiddlewareTraces.StartAccept(context.TraceIdentifier, context.Request.Headers.TraceParent) : null;

    /// <summary>
    /// That of the current span when it is sampled, else the caller's own, when it is one. A trace that began here and is not sampled has
    /// none: nobody will ever look for it.
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

        // Where the sampler here says no to what the caller sampled, the rest of the way must hear of it.
        return current is not null && callers.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? current.Id : given;
    }
}
