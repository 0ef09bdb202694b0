using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using ServiceDefaults.Bodies;

namespace ExternalAlerts;

/// <summary>The routes that receive alerts, and show the received ones to those who hold <c>ALERTS_KEY</c>.</summary>
internal static class AlertRoutes
{
    /// <summary>The largest body: a batch of 8 MiB of events, and room for the members that are added to each on its way.</summary>
    public const int MaxBodyBytes = 9 * 1024 * 1024;

    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("/external/alerts").WithTags("Alerts");
        alerts.MapPost("", Receive);
        if (alerts.MapControl() is { } control)
        {
            control.MapGet("", List);
            control.MapGet("/stats", Stats);
            control.MapGet("/tries", Tries);
            control.MapDelete("", Clear);
        }
    }

    /// <summary>
    /// Receives an alert, or an array of up to 1,000 of them: application/json, or CloudEvents in structured mode. At most 9 MiB.
    /// Answers otherwise, or not at all, while faults are set.
    /// </summary>
    private static async Task<Results<Ok<AlertsReceived>, StatusCodeHttpResult, EmptyHttpResult, ProblemHttpResult>> Receive(
        HttpContext context, AlertLog log, Faults faults, Misbehaviour misbehaviour, BodyBudget budget, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var arrived = clock.GetUtcNow().UtcDateTime;
        if (AlertFormat.Of(context.Request.ContentType) is not { } format)
        {
            var given = context.Request.ContentType is { } type ? $"Content-Type \"{type}\" is not accepted" : "There is no Content-Type";
            return Problem(StatusCodes.Status415UnsupportedMediaType, $"{given}; expected one of {AlertFormat.Accepted}, in UTF-8.");
        }

        // The alerts made of it take as much until the answer: a request that a fault lets hang holds its room too.
        using var body = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, budget, cancellationToken);
        if (body.Fault != BodyFault.None)
        {
            return BodyProblems.Of(body.Fault, context, $"The body is larger than {MaxBodyBytes} bytes.");
        }

        var bytes = body.Bytes;
        var (parts, wrong) = AlertReader.Read(bytes.Span, format);
        var alerts = wrong is null ? Alerts(context, arrived, bytes, parts) : [];
        body.Free();
        if (wrong is not null)
        {
            return Problem(parts.Count > AlertReader.MaxAlerts ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest, wrong);
        }

        var fault = faults.Next();
        var request = TryOf(context, arrived, alerts, fault);
        log.Add(request);

        var status = fault is null ? StatusCodes.Status200OK : await misbehaviour.PlayAsync(fault, context);
        if (status is null)
        {
            return TypedResults.Empty;
        }

        if (status is >= 200 and < 300)
        {
            log.Add(alerts);
        }

        request.Answered = status;
        return status == StatusCodes.Status200OK
            ? TypedResults.Ok(new AlertsReceived("received", context.TraceIdentifier, alerts.Length))
            : TypedResults.StatusCode(status.Value);
    }

    /// <summary>Lists the alerts received, newest first: <c>limit</c> of the last 10,000 (1 to 10,000; 100 when not given).</summary>
    private static Results<Ok<Page<ReceivedAlert>>, ValidationProblem> List(AlertLog log, string? limit = null) =>
        PageLimit.TryParse(limit, out var count, out var errors)
            ? TypedResults.Ok(new Page<ReceivedAlert>(log.Alerts(count)))
            : TypedResults.ValidationProblem(errors);

    /// <summary>Lists the well-formed requests and their answers, newest first, also those that misbehaved by a fault.</summary>
    private static Results<Ok<Page<AlertTry>>, ValidationProblem> Tries(AlertLog log, string? limit = null) =>
        PageLimit.TryParse(limit, out var count, out var errors)
            ? TypedResults.Ok(new Page<AlertTry>(log.Tries(count)))
            : TypedResults.ValidationProblem(errors);

    /// <summary>
    /// Counts the alerts received, the unique ones and the duplicates by event id (over the last 2 million different ids at least). Counts the
    /// requests too, with those that misbehaved by a fault.
    /// </summary>
    private static Ok<AlertStats> Stats(AlertLog log) => TypedResults.Ok(log.Stats);

    /// <summary>Forgets all alerts, requests and counts.</summary>
    private static NoContent Clear(AlertLog log)
    {
        log.Clear();
        return TypedResults.NoContent();
    }

    private static ReceivedAlert[] Alerts(HttpContext context, DateTime arrived, ReadOnlyMemory<byte> body, List<AlertPart> parts)
    {
        var headers = context.Request.Headers;
        var kept = ReceivedHeaders.Of(headers);
        var attempt = ReceivedHeaders.AttemptOf(headers);
        var correlationGiven = headers[Correlation.Header] == context.TraceIdentifier;

        // The header speaks for a single alert, the alert's own member within a batch: there each may have another.
        if (!correlationGiven && parts is [{ CorrelationId: { } own }])
        {
            context.TraceIdentifier = own;
            context.Response.Headers[Correlation.Header] = own;
        }

        return [.. parts.Select(part => new ReceivedAlert
        {
            ReceivedAt = arrived,
            CorrelationId = parts.Count > 1 && part.CorrelationId is { } id ? id : context.TraceIdentifier,
            EventId = part.EventId,
            Attempt = attempt,
            Headers = kept,
            Alert = body[part.Range].ToArray(), // A copy, so that an alert kept does not keep its whole batch.
        })];
    }

    private static AlertTry TryOf(HttpContext context, DateTime arrived, ReceivedAlert[] alerts, Fault? fault) => new()
    {
        At = arrived,
        CorrelationId = context.TraceIdentifier,
        EventId = alerts is [var alert] ? alert.EventId : null,
        WebhookId = context.Request.Headers["webhook-id"],
        Attempt = ReceivedHeaders.AttemptOf(context.Request.Headers),
        Alerts = alerts.Length,
        Fault = fault?.Name,
    };

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}
