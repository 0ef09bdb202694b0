using System.Security.Cryptography;
using Middleware.Domain;
using Middleware.UseCases;
using ServiceDefaults.Bodies;

namespace Middleware.Api;

/// <summary>Accepting events over HTTP, in all versions of the contract.</summary>
internal sealed class AcceptEventEndpoint(AcceptEvent accept, AcceptLimits limits, BodyBudget budget, MiddlewareMetrics metrics, RefusalLog refusals)
{
    /// <summary>Of idempotency keys: the versions share it, so that who sends again in another version does not have the event twice.</summary>
    private const string Route = "POST /integrations/events";

    /// <summary>Reads and judges the JSON once, straight from the connection's buffer, and answers when the event is kept.</summary>
    public async Task<IResult> HandleAsync(HttpContext context, AcceptForm form)
    {
        using var span = TraceParent.StartAccept(context);
        if (!JsonMediaType.IsJson(context.Request.ContentType))
        {
            return Refused(context, RejectReason.UnsupportedMediaType, AcceptProblems.UnsupportedMediaType(context, JsonMediaType.Json));
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

        var received = Read(context, body.Bytes, out var errors);
        var bodyHash = key is null ? null : SHA256.HashData(body.Bytes.Span);
        body.Free();
        if (received is null)
        {
            return Refused(context, RejectReason.Invalid, AcceptProblems.Invalid(errors!));
        }

        var routed = await accept.RouteAsync(received);
        var claim = key is null ? null : new IdempotencyClaim(Route, key, bodyHash, () => KeptAnswer(routed));
        return Answer(context, routed, await accept.ExecuteAsync([routed], claim, context.RequestAborted), form);
    }

    /// <summary>Only what was accepted is answered the same again.</summary>
    private static byte[]? KeptAnswer(RoutedEvent routed) =>
        routed.Outcome == AcceptOutcome.Accepted ? AcceptedResult.Write(routed.Event.Id, routed.Event.CorrelationId) : null;

    private IResult Answer(HttpContext context, RoutedEvent routed, AcceptResult result, AcceptForm form)
    {
        var answer = IdempotencyKey.Answer(context, result, form)
            ?? (routed.Outcome == AcceptOutcome.Accepted
                ? new AcceptedResult(AcceptedResult.Write(routed.Event.Id, routed.Event.CorrelationId), form)
                : AcceptProblems.QueueFull(context));
        refusals.Note(context, answer);
        return answer;
    }

    private IResult Refused(HttpContext context, string reason, IResult answer)
    {
        metrics.Rejected(reason);
        refusals.Note(context, answer);
        return answer;
    }

    private IntegrationEvent? Read(HttpContext context, ReadOnlyMemory<byte> json, out IDictionary<string, string[]>? errors) =>
        EventReader.TryRead(JsonBody.WithoutMark(json), out var received, out errors)
            ? accept.Create(received, context.TraceIdentifier, TraceParent.Of(context))
            : null;
}
