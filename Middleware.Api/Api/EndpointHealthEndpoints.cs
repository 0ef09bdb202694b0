using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>How an endpoint is.</summary>
internal static class EndpointHealthEndpoints
{
    public static void MapEndpointHealth(this IEndpointRouteBuilder routes)
    {
        var endpoint = routes.MapGroup("/api/v1/endpoints/{endpoint_id}").WithTags("Endpoints");
        endpoint.MapGet("/health", Health);
    }

    /// <summary>Tells how an endpoint is: its circuit, its tries of the last 5 minutes, and what waits for it.</summary>
    private static Results<Ok<EndpointHealthContract>, ProblemHttpResult> Health(string endpoint_id, EndpointRegistry registry, ReadHealth health) =>
        registry.Find(new EndpointId(endpoint_id)) is { } endpoint
            ? TypedResults.Ok(health.Execute(endpoint).ToAnswer())
            : EndpointProblems.Unknown(endpoint_id);
}
