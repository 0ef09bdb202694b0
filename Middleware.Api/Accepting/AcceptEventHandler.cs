using Middleware.Events;
using Middleware.Http;
using Middleware.Telemetry;
using ServiceDefaults.Bodies;

namespace Middleware.Accepting;

/// <summary>Accepts an event over HTTP, in all versions of the contract.</summary>
internal sealed class AcceptEventHandler(AcceptEvent accept, AcceptLimits limits, BodyBudget budget, MiddlewareMetrics metrics, RefusalLog refusals)
{
    /// <summary>
    /// The route of idempotency keys. The versions share it, so that a client that repeats a request in another version does not have the event
    /// twice.
    /// </summary>
    private const string Route = "POST /integrations/events";

    /// <summary>Reads and judges the JSON once, straight from the connection's buffer, and answers when the event is kept.</summary>
    public async Task<IResult> HandleAsync(HttpContext context, AcceptForm form)
    {
        using var span = AcceptTraces.StartAccept(context.TraceIdentifier, context.Request.Headers.TraceParent);
        if (!JsonMediaType.IsJson(context.Request.ContentType))
        {
            return Refused(context, RejectReason.UnsupportedMediaType, ApiProblems.UnsupportedMediaType(context, JsonMediaType.Json));
        }

        if (!IdempotencyKey.TryRead(context.Request, out var key))
        {
            return Refused(context, RejectReason.Invalid, AcceptProblems.InvalidKey());
        }

        using var body = await RequestBody.ReadAsync(context.Request, limits.MaxEventBytes, budget, context.RequestAborted);
        if (body.Fault != BodyFault.None)
        {
            return Refused(context, AcceptProblems.ReasonOf(body.Fault), AcceptProblems.Unread(body.Fault, context, AcceptProblems.TooLarge(limits.MaxEventBytes)));
        }

        if (!EventReader.TryRead(JsonBody.WithoutMark(body.Bytes), out var received, out var errors))
        {
            body.Free();
            return Refused(context, RejectReason.Invalid, AcceptProblems.Invalid(errors));
        }

        var caller = context.Caller();
        if (!caller.MaySend(received.Source))
        {
            var source = received.Source;
            body.Free();
            return Refused(context, RejectReason.Forbidden, AcceptProblems.ForeignSource(source));
        }

        var claim = IdempotencyClaim.Of(Route, caller, key, body.Bytes.Span);
        var accepting = accept.ExecuteAsync(received, context.TraceIdentifier, TraceParent.Of(context), claim, context.RequestAborted);

        // All of it was read.
        body.Free();
        var answer = Answer(context, await accepting, form);
        refusals.Note(context, answer);
        return answer;
    }

    private static IResult Answer(HttpContext context, AcceptResult result, AcceptForm form) =>
        IdempotencyKey.Refuse(context, result)
        ?? (result.Events is [{ IsAccepted: true } accepted]
            ? new AcceptedResult(AcceptedResult.Write(accepted.Id, accepted.CorrelationId), form)
            : AcceptProblems.QueueFull(context));

    private IResult Refused(HttpContext context, string reason, IResult answer)
    {
        metrics.Rejected(reason);
        refusals.Note(context, answer);
        return answer;
    }
}
