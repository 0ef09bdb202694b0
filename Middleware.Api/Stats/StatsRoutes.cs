using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Stats;

/// <summary>The route of the counts by minute.</summary>
internal static class StatsRoutes
{
    private const int MostMinutes = 1_440;
    private const int UsualMinutes = 60;

    public static IServiceCollection AddStats(this IServiceCollection services) => services.AddSingleton<KeepStats>().AddSingleton<ReadStats>();

    public static void MapStats(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/stats", Stats).WithTags("Stats").HoldsItsAnswer().Needs(EndpointRoutes.Read).Asks(static query => Asked(query)).SeesChangesOfEndpoints();

    /// <summary>
    /// Counts what was accepted, delivered, tried in vain and given up, minute by minute, in all and by endpoint. Each replica keeps its counts once a
    /// minute, for a day, and all are summed. The minute under way has those of the replica that answers. A replica that is killed loses the minute under way.
    /// Dead letters are counted when they are given up, not while they rest: <c>GET /api/v1/dead-letters/counts</c> has those.
    /// </summary>
    private static async Task<Results<Ok<StatsItem>, ValidationProblem>> Stats(HttpContext context, ReadStats stats, CancellationToken cancellationToken)
    {
        var query = RequestReader.Of(context.Request.Query);
        var (minutes, endpoint) = Asked(query);
        return query.Refusal() is { } refusal ? refusal : TypedResults.Ok(await stats.ExecuteAsync(minutes, endpoint, cancellationToken));
    }

    private static (int Minutes, EndpointId? Endpoint) Asked(RequestReader query)
    {
        var minutes = query.Whole("minutes", 1, MostMinutes, "The number of minutes, the one under way included.", byDefault: UsualMinutes) ?? UsualMinutes;
        var endpoint = query.Text("endpoint_id", EndpointId.MaxLength, "The only endpoint that is shown beside the counts in all.");
        return (minutes, endpoint is null ? null : new EndpointId(endpoint));
    }
}
