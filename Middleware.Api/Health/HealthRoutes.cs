using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Health;

/// <summary>The route of the state of an endpoint.</summary>
internal static class HealthRoutes
{
    public static IServiceCollection AddEndpointHealth(this IServiceCollection services)
    {
        // The check of the endpoints remembers those in trouble.
        services.AddSingleton<EndpointsCheck>();
        services.AddHealthChecks().AddCheck<WorkersCheck>("workers").AddCheck<DefectsCheck>("defects").AddCheck<EndpointsCheck>("endpoints");
        return services.AddSingleton<IEndpointHealth, ReadHealth>().AddSingleton<StateMetrics>();
    }

    public static void MapEndpointHealth(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/endpoints/{endpoint_id}/health", Health).WithTags("Endpoints").Needs(EndpointRoutes.Read).Refuses(404).SeesChangesOfEndpoints();

    /// <summary>Shows the health of an endpoint: its circuit, its attempts of the last 5 minutes, and its waiting deliveries.</summary>
    private static Results<Ok<EndpointHealth>, ProblemHttpResult> Health(string endpoint_id, EndpointRegistry registry, IEndpointHealth health) =>
        registry.Find(new EndpointId(endpoint_id)) is { } endpoint
            ? TypedResults.Ok(health.Of(endpoint))
            : EndpointProblems.Unknown(endpoint_id);
}
