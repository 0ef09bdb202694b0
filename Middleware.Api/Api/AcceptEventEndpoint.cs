using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Accepting events over HTTP, in all versions of the contract.</summary>
internal sealed class AcceptEventEndpoint(AcceptEvent accept, AcceptLimits limits, MiddlewareMetrics metrics, RefusalLog refusals)
{
    /// <summary>Of idempotency keys: the versions share it, so that who sends again in another version does not have the event twice.</summary>
    private const string Route = "POST /integrations/events";

    /// <summary>Reads and judges the JSON once, straight from the connection's buffer, and answers when the event is kept.</summary>
    public async Task<IResult> HandleAsync(HttpContext context, AcceptForm form)
    {
        using var span = TraceParent.StartAccept(context);
        if (!JsonMediaType.IsJson(context.Request.ContentType))
        {
            return Refused(context, RejectReason.UnsupportedMediaType, AcceptProblems.UnsupportedMediaType(context.Request.ContentType, JsonMediaType.Json));
        }

        if (context.Request.ContentLength > limits.MaxEventBytes)
        {
            return Refused(context, RejectReason.TooLarge, AcceptProblems.TooLarge(limits.MaxEventBytes));
        }

        if (!IdempotencyKey.TryRead(context.Request, out var key))
        {
            return Refused(context, RejectReason.Invalid, AcceptProblems.InvalidKey());
        }

        var reader = context.Request.BodyReader;
        var body = await ReadBodyAsync(reader, context.RequestAborted);
        if (body.Buffer.Length > limits.MaxEventBytes)
        {
            reader.AdvanceTo(body.Buffer.End);
            return Refused(context, RejectReason.TooLarge, AcceptProblems.TooLarge(limits.MaxEventBytes));
        }

        var received = Read(context, body.Buffer, out var errors);
        var bodyHash = key is null ? default : Hash(body.Buffer);
        reader.AdvanceTo(body.Buffer.End);
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

    private static byte[] Hash(ReadOnlySequence<byte> body) => SHA256.HashData(body.IsSingleSegment ? body.FirstSpan : body.ToArray());

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

    private async ValueTask<ReadResult> ReadBodyAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted || result.Buffer.Length > limits.MaxEventBytes)
            {
                return result;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private IntegrationEvent? Read(HttpContext context, ReadOnlySequence<byte> body, out IDictionary<string, string[]>? errors)
    {
        var json = JsonBody.WithoutMark(body.IsSingleSegment ? body.First : body.ToArray());
        return EventReader.TryRead(json, out var received, out errors)
            ? accept.Create(received, context.TraceIdentifier, TraceParent.Of(context))
            : null;
    }
}
