using System.Diagnostics;

namespace Middleware.Api;

/// <summary>The W3C <c>traceparent</c> under which the events of a request are accepted.</summary>
internal static class TraceParent
{
    /// <summary>That of the request's span, when somebody listens; else the caller's own, when it is one.</summary>
    public static string? Of(HttpContext context)
    {
        if (Activity.Current?.Id is { } current)
        {
            return current;
        }

        string? given = context.Request.Headers.TraceParent;
        return given is not null && ActivityContext.TryParse(given, null, out _) ? given : null;
    }
}
