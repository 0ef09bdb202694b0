using System.Diagnostics;
using ServiceDefaults;

namespace Middleware.UseCases;

/// <summary>
/// The spans on the way of an event: accept, commit, deliver and one for each try, named as OpenTelemetry names those of messaging and HTTP
/// where it does. One is only made when somebody listens and what it belongs to is sampled: else nothing is built, and null is given.
/// </summary>
internal static class MiddlewareTraces
{
    public const string Outcome = "integration.outcome";
    public const string MessageId = "messaging.message.id";
    public const string Destination = "messaging.destination.name";

    /// <summary>The place of the flags' last digit in a <c>traceparent</c>; it is odd for what is sampled.</summary>
    private const int FlagsEnd = 54;

    public static readonly ActivitySource Source = new("AspireIntegration.Middleware");

    public static bool AreListenedTo => Source.HasListeners();

    /// <summary>Starts the span of a request that brings events, below the current one or, without one, below that of the caller.</summary>
    public static Activity? StartAccept(string correlationId, string? callersTraceParent)
    {
        var current = Activity.Current;
        if (!AreListenedTo || !(current?.Recorded ?? callersTraceParent is null || IsSampled(callersTraceParent)))
        {
            return null;
        }

        // Below the current span by itself, and then with what else it hands down.
        var callers = current is null ? ContextOf(callersTraceParent) ?? default : default;
        var span = Source.StartActivity("accept", ActivityKind.Producer, callers);
        return Begun(span, "send", "accept", correlationId, "refused");
    }

    /// <summary>Starts the span from the hand-over to the store until what was handed over is safe.</summary>
    public static Activity? StartCommit() => AreListenedTo && Activity.Current is { Recorded: true } accept
        ? Source.StartActivity("commit")?.SetTag(Correlation.SpanAttribute, accept.GetTagItem(Correlation.SpanAttribute))
        : null;

    /// <summary>Ends the span of a commit and notes on that of the request what it came to.</summary>
    public static void Committed(Activity? commit, IReadOnlyList<RoutedEvent> events, AcceptResult result)
    {
        if (commit is null)
        {
            return;
        }

        commit.Stop();
        var accepted = result.Events.Count(static accepted => accepted.IsAccepted);
        commit.Parent?.SetTag(Outcome, result.Kind switch
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
            commit.Parent?.SetTag(MessageId, single.Event.IdText);
        }
    }

    public static void NotCommitted(Activity? commit, Exception exception)
    {
        commit?.SetStatus(ActivityStatusCode.Error, exception.Message);
        commit?.Parent?.SetTag(Outcome, "store_unavailable").SetStatus(ActivityStatusCode.Error, exception.Message);
    }

    public static Activity? Begun(Activity? span, string type, string operation, string correlationId, string outcome) => span?
        .SetTag(Correlation.SpanAttribute, correlationId)
        .SetTag("messaging.system", "aspire_integration")
        .SetTag("messaging.operation.type", type)
        .SetTag("messaging.operation.name", operation)
        .SetTag(Outcome, outcome);

    /// <summary>Looks at the flags alone: to read what is not sampled would build its ids.</summary>
    public static bool IsSampled(string? traceParent) =>
        traceParent is { Length: > FlagsEnd } && traceParent[FlagsEnd] is '1' or '3' or '5' or '7' or '9' or 'b' or 'd' or 'f';

    public static ActivityContext? ContextOf(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : null;
}
