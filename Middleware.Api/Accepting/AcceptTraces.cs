using System.Diagnostics;
using Middleware.Telemetry;
using ServiceDefaults;

namespace Middleware.Accepting;

/// <summary>The spans of accepting; each is null where its trace is not sampled.</summary>
internal static class AcceptTraces
{
    /// <summary>Starts the span of a request that brings events, below the current one or, without one, below that of the caller.</summary>
    public static Activity? StartAccept(string correlationId, string? callersTraceParent)
    {
        var current = Activity.Current;
        if (!MiddlewareTraces.AreListenedTo || !(current?.Recorded ?? callersTraceParent is null || MiddlewareTraces.IsSampled(callersTraceParent)))
        {
            return null;
        }

        // Below the current span by itself, and then with its baggage.
        var callers = current is null ? MiddlewareTraces.ContextOf(callersTraceParent) ?? default : default;
        var span = MiddlewareTraces.Source.StartActivity("accept", ActivityKind.Producer, callers);
        return MiddlewareTraces.Begun(span, "send", "accept", correlationId, "refused");
    }

    /// <summary>Starts the span from the hand-over to the store until the events are safe.</summary>
    public static Activity? StartCommit() => MiddlewareTraces.AreListenedTo && Activity.Current is { Recorded: true } accept
        ? MiddlewareTraces.Source.StartActivity("commit")?.SetTag(Correlation.SpanAttribute, accept.GetTagItem(Correlation.SpanAttribute))
        : null;

    /// <summary>Ends the span of a commit and notes its result on the span of the request.</summary>
    public static void Committed(Activity? commit, IReadOnlyList<RoutedEvent> events, AcceptResult result)
    {
        if (commit is null)
        {
            return;
        }

        commit.Stop();
        var accepted = result.Events.Count(static accepted => accepted.IsAccepted);
        commit.Parent?.SetTag(MiddlewareTraces.Outcome, result.Kind switch
        {
            AcceptKind.Replayed => "replayed",
            AcceptKind.KeyReused => "key_reused",
            AcceptKind.Busy => "store_busy",
            _ when accepted > 0 => "accepted",
            _ => "queue_full",
        });
        if (events is not [var single])
        {
            commit.Parent?.SetTag("messaging.batch.message_count", events.Count);
        }
        else if (result.Kind == AcceptKind.Judged)
        {
            commit.Parent?.SetTag(MiddlewareTraces.MessageId, single.Event.IdText);
        }
    }

    public static void NotCommitted(Activity? commit, Exception exception)
    {
        commit?.SetStatus(ActivityStatusCode.Error, exception.Message);
        commit?.Parent?.SetTag(MiddlewareTraces.Outcome, "store_unavailable").SetStatus(ActivityStatusCode.Error, exception.Message);
    }
}
