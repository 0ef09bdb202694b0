using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Sending;

/// <summary>The route that tests an endpoint.</summary>
internal static class TestRoutes
{
    public static void MapEndpointTest(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/endpoints/{endpoint_id}/test", Test).WithTags("Endpoints").Needs(Scopes.EndpointsWrite).TakesNothing().Refuses(404).SeesChangesOfEndpoints();

    /// <summary>
    /// Sends an endpoint a sample event of the type <c>endpoint_test</c> as its deliveries are sent, with <c>X-Delivery-Test</c>. It is sent at once
    /// and once, whatever its filter, circuit, rate limit and state. 200 with the attempt, also when it failed; nothing of it is kept or counted.
    /// </summary>
    private static async Task<Results<Ok<EndpointAttempt>, ProblemHttpResult>> Test(
        string endpoint_id, HttpContext context, TestEndpoint test, CancellationToken cancellationToken) =>
        await test.ExecuteAsync(new EndpointId(endpoint_id), context.TraceIdentifier, TraceParent.Of(context), cancellationToken) is { } tried
            ? TypedResults.Ok(context.Caller().HasAny(Scopes.PayloadsRead) ? tried : tried.WithoutResponse())
            : EndpointProblems.Unknown(endpoint_id);
}
