using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Http;

namespace Middleware.Replicas;

/// <summary>The route of the replicas.</summary>
internal static class ReplicaRoutes
{
    public static IServiceCollection AddReplicas(this IServiceCollection services) => services.AddSingleton<FollowChanges>().AddSingleton<OwnFacts>().AddSingleton<LaneStates>();

    public static void MapReplicas(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/replicas", List).WithTags("Replicas").Needs(EndpointRoutes.Read).Refuses(503).SeesChangesOfEndpoints();

    /// <summary>Lists the replicas that share the store, by name. With SQLite there is one.</summary>
    private static async Task<Ok<ListPage<ReplicaItem>>> List(IReplicaStore replicas, OwnFacts own, EndpointRegistry endpoints, IDeliveryStore deliveries)
    {
        var found = await replicas.ReadAsync(own.Read());
        return TypedResults.Ok(new ListPage<ReplicaItem>([.. found.Select(replica =>
        {
            // What waits is that of an endpoint, and counted once: with the first shard.
            var served = endpoints.All.Where(endpoint => Enumerable.Range(0, endpoint.Layout.Shards).Any(shard => replica.Owns(endpoint.Id, shard))).ToList();
            return new ReplicaItem(replica, served.Count, served.Where(endpoint => replica.Owns(endpoint.Id, 0)).Sum(endpoint => (long)deliveries.Waiting(endpoint.Id)));
        })], NextCursor: null));
    }
}
