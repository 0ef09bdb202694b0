using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>How an endpoint is, and trying it.</summary>
internal static class EndpointHealthEndpoints
{
    public static void MapEndpointHealth(this IEndpointRouteBuilder routes)
    {
        var endpoint = routes.MapGroup("/api/v1/endpoints/{endpoint_id}").WithTags("Endpoints");
        endpoint.MapGet("/health", Health).Refuses(404);
        endpoint.MapPost("/test", Test).TakesNothing().Refuses(404);
    }

    /// <summary>Tells how an endpoint is: its circuit, its tries of the last 5 minutes, and what waits for it.</summary>
    private static Results<Ok<EndpointHealth>, ProblemHttpResult> Health(string endpoint_id, EndpointRegistry registry, ReadHealth health) =>
        registry.Find(new EndpointId(endpoint_id)) is { } endpoint
            ? TypedResults.Ok(health.Execute(endpoint))
            : EndpointProblems.Unknown(endpoint_id);

    /// <summary>
    /// Sends an endpoint a sample event (<c>event_type</c> <c>endpoint_test</c>) as its deliveries are sent, with <c>X-Delivery-Test</c>: at once
    /// and once, whatever its filter, circuit, rate limit and state. 200 with the try, also when it failed; nothing of it is kept or counted.
    /// </summary>
    private static async Task<Results<Ok<EndpointAttempt>, ProblemHttpResult>> Test(
        string endpoint_id, HttpContext context, TestEndpoint test, CancellationToken cancellationToken) =>
        await test.ExecuteAsync(new EndpointId(endpoint_id), context.TraceIdentifier, TraceParent.Of(context), cancellationToken) is { } tried
            ? TypedResults.Ok(tried)
            : EndpointProblems.Unknown(endpoint_id);
}
