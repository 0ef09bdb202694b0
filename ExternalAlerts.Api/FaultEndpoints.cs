using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.Bodies;

namespace ExternalAlerts;

/// <summary>Telling the service to misbehave when it is sent alerts.</summary>
internal static class FaultEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;

    public static void MapFaults(this IEndpointRouteBuilder routes)
    {
        var faults = routes.MapGroup("/external/faults").WithTags("Faults");
        faults.MapGet("", Get);
        faults.MapPut("", Set).ReadsBody(MaxBodyBytes);
        faults.MapDelete("", Clear);
    }

    /// <summary>The faults as they are set, with how many requests will still misbehave.</summary>
    private static Ok<FaultState> Get(Faults faults) => TypedResults.Ok(faults.State);

    /// <summary>
    /// Lets the share <c>rate</c> (0 to 1; 1 when not given) of the requests to receive alerts misbehave, until <c>count</c> have (no end
    /// when not given): wait for <c>latency</c>, then answer <c>status</c> (200 to 599, with Retry-After for <c>retry_after</c>),
    /// or never answer (<c>hang</c>), or break the connection (<c>drop</c>). Alerts answered with 2xx are received, all others are not.
    /// Replaces what was set before.
    /// </summary>
    private static async Task<Results<Ok<FaultState>, ValidationProblem, ProblemHttpResult>> Set(
        HttpRequest request, Faults faults, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return TypedResults.Problem("Content-Type must be application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        var body = new byte[request.Body.Length];
        await request.Body.ReadExactlyAsync(body, cancellationToken);
        var (fault, errors) = FaultReader.Read(body);
        return fault is null ? TypedResults.ValidationProblem(errors) : TypedResults.Ok(faults.Set(fault));
    }

    /// <summary>Lets no more requests misbehave; those that hang go on hanging.</summary>
    private static NoContent Clear(Faults faults)
    {
        faults.Set(null);
        return TypedResults.NoContent();
    }
}
