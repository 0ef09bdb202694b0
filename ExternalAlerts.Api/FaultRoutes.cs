using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;
using ServiceDefaults.Bodies;

namespace ExternalAlerts;

/// <summary>The routes that make the service misbehave when it receives alerts.</summary>
internal static class FaultRoutes
{
    private const int MaxBodyBytes = 64 * 1024;
    private const string Json = "application/json";

    public static void MapFaults(this IEndpointRouteBuilder routes)
    {
        if (routes.MapGroup("/external/faults").WithTags("Faults").MapControl() is { } faults)
        {
            faults.MapGet("", Get);
            faults.MapPut("", Set);
            faults.MapDelete("", Clear);
        }
    }

    /// <summary>The current faults, with the number of requests that will still misbehave.</summary>
    private static Ok<FaultState> Get(Faults faults) => TypedResults.Ok(faults.State);

    /// <summary>
    /// Lets the share <c>rate</c> (0 to 1; 1 when not given) of the requests to receive alerts misbehave. It ends after <c>count</c> requests (no end
    /// when not given). Such a request waits for <c>latency</c>. Then it is answered <c>status</c> (200 to 599, with Retry-After for
    /// <c>retry_after</c>), or never (<c>hang</c>), or its connection breaks (<c>drop</c>). Alerts answered with 2xx are received, all others are
    /// not. Replaces the current fault.
    /// </summary>
    private static async Task<Results<Ok<FaultState>, ValidationProblem, ProblemHttpResult>> Set(
        HttpContext context, Faults faults, BodyBudget budget, CancellationToken cancellationToken)
    {
        if (!string.Equals(Utf8Content.MediaTypeOf(context.Request.ContentType), Json, StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Problem($"Content-Type must be {Json}, in UTF-8.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, budget, cancellationToken);
        if (body.Fault != BodyFault.None)
        {
            return BodyProblems.Of(body.Fault, context, $"The body is larger than {MaxBodyBytes} bytes.");
        }

        var (fault, errors) = FaultReader.Read(body.Bytes.Span);
        body.Free();
        return errors.Count > 0 ? TypedResults.ValidationProblem(errors) : TypedResults.Ok(faults.Set(fault));
    }

    /// <summary>Lets no more requests misbehave; those that hang go on hanging.</summary>
    private static NoContent Clear(Faults faults)
    {
        faults.Set(null);
        return TypedResults.NoContent();
    }
}
