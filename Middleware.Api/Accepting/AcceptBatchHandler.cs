using Middleware.Events;
using Middleware.Http;
using Middleware.Telemetry;
using ServiceDefaults.Bodies;

namespace Middleware.Accepting;

/// <summary>
/// Accepts many events in one request and one commit. Each is judged alone, as by <see cref="AcceptEventHandler"/>. All bear the correlation id of
/// the request.
/// </summary>
internal sealed class AcceptBatchHandler(AcceptEvent accept, AcceptLimits limits, BodyBudget budget, MiddlewareMetrics metrics, RefusalLog refusals)
{
    public const int MaxBytes = 8 << 20;

    private const string Route = "POST /integrations/events/batch";

    public async Task<IResult> HandleAsync(HttpContext context, AcceptForm form)
    {
        using var span = AcceptTraces.StartAccept(context.TraceIdentifier, context.Request.Headers.TraceParent);
        if (FormatOf(context.Request.ContentType) is not { } format)
        {
            return Refused(
                context,
                RejectReason.UnsupportedMediaType,
                ApiProblems.UnsupportedMediaType(context, JsonMediaType.Json, JsonMediaType.Lines));
        }

        if (!IdempotencyKey.TryRead(context.Request, out var key))
        {
            return Refused(context, RejectReason.Invalid, AcceptProblems.InvalidKey());
        }

        using var body = await RequestBody.ReadAsync(context.Request, MaxBytes, budget, context.RequestAborted);
        if (body.Fault != BodyFault.None)
        {
            return Refused(context, AcceptProblems.ReasonOf(body.Fault), AcceptProblems.Unread(body.Fault, context, AcceptProblems.BatchTooLarge(MaxBytes)));
        }

        var bytes = body.Bytes;
        if (!BatchSplitter.TrySplit(bytes.Span, format, out var events, out var fault))
        {
            body.Free();
            return Refused(context, RejectReason.Invalid, AcceptProblems.InvalidBatch(fault));
        }

        // Filters may cost each event more than a thread that waits for sockets bears.
        var judged = accept.HasFilters ? await Task.Run(JudgeAll) : JudgeAll();
        var claim = IdempotencyClaim.Of(Route, context.Caller(), key, bytes.Span);
        body.Free();
        return await KeepAsync(context, judged, claim, form);

        List<JudgedEvent> JudgeAll() => [.. events.Select((range, place) => Judge(context, bytes[range], place))];
    }

    private static BatchFormat? FormatOf(string? contentType) =>
        JsonMediaType.IsJson(contentType) ? BatchFormat.Array
        : JsonMediaType.IsLines(contentType) ? BatchFormat.Lines
        : null;

    private JudgedEvent Judge(HttpContext context, ReadOnlyMemory<byte> json, int place)
    {
        if (json.Length > limits.MaxEventBytes)
        {
            return Refused(RejectReason.TooLarge, EventReader.Fault(JsonBody.Body, $"is larger than {limits.MaxEventBytes} bytes (MAX_EVENT_BYTES)"));
        }

        return !EventReader.TryRead(json, out var received, out var errors) ? Refused(RejectReason.Invalid, errors)
            : !context.Caller().MaySend(received.Source) ? Refused(RejectReason.Forbidden, EventReader.Fault("source", AcceptProblems.NotOfTheKey(received.Source)))
            : new JudgedEvent(accept.Route(received, context.TraceIdentifier, TraceParent.Of(context), place), null);
    }

    private JudgedEvent Refused(string reason, IDictionary<string, string[]> errors)
    {
        metrics.Rejected(reason);
        return new JudgedEvent(null, errors);
    }

    private IResult Refused(HttpContext context, string reason, IResult answer)
    {
        metrics.Rejected(reason);
        refusals.Note(context, answer);
        return answer;
    }

    private async Task<IResult> KeepAsync(HttpContext context, List<JudgedEvent> judged, IdempotencyClaim? claim, AcceptForm form)
    {
        List<RoutedEvent> valid = [.. judged.Select(static item => item.Routed).OfType<RoutedEvent>()];
        var result = valid.Count == 0 && claim is null
            ? new AcceptResult(AcceptKind.Judged)
            : await accept.ExecuteAsync(valid, claim, context.RequestAborted);
        if (result.Kind == AcceptKind.Judged)
        {
            var accepted = result.Events.Count(static kept => kept.IsAccepted);
            refusals.NoteBatch(context, accepted, judged.Count - accepted);
        }

        var answer = IdempotencyKey.Refuse(context, result) ?? new AcceptedResult(BatchAnswer.Write(judged, result.Events), form);
        refusals.Note(context, answer);
        return answer;
    }
}
