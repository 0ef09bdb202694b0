using System.Diagnostics;
using ServiceDefaults;

namespace Middleware.Telemetry;

/// <summary>
/// The source and the attributes of the spans on the way of an event: accept, commit, deliver, and one for each attempt. Names follow OpenTelemetry's
/// semantic conventions for messaging and HTTP. A span is made only where its trace is sampled.
/// </summary>
internal static class MiddlewareTraces
{
    public const string Outcome = "integration.outcome";
    public const string MessageId = "messaging.message.id";
    public const string Destination = "messaging.destination.name";

    /// <summary>The place of the flags' last digit in a <c>traceparent</c>; it is odd for a sampled trace.</summary>
    private const int FlagsEnd = 54;

    public static readonly ActivitySource Source = new("AspireIntegration.Middleware");

    public static bool AreListenedTo => Source.HasListeners();

    public static Activity? Begun(Activity? span, string type, string operation, string correlationId, string outcome) => span?
        .SetTag(Correlation.SpanAttribute, correlationId)
        .SetTag("messaging.system", "aspire_integration")
        .SetTag("messaging.operation.type", type)
        .SetTag("messaging.operation.name", operation)
        .SetTag(Outcome, outcome);

    /// <summary>Looks at the flags alone: to read an unsampled trace would build its ids.</summary>
    public static bool IsSampled(string? traceParent) =>
        traceParent is { Length: > FlagsEnd } && traceParent[FlagsEnd] is '1' or '3' or '5' or '7' or '9' or 'b' or 'd' or 'f';

    public static ActivityContext? ContextOf(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : null;
}
