using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.History;
using Middleware.Http;

namespace Middleware.Erasing;

/// <summary>The route that erases an event.</summary>
internal static class ErasureRoutes
{
    public static IServiceCollection AddErasing(this IServiceCollection services) => services.AddSingleton<EraseEvent>();

    public static void MapErasing(this IEndpointRouteBuilder routes) =>
        routes.MapDelete(HistoryRoutes.Path + "/{event_id}", Erase).WithTags("Events").Needs(Scopes.Admin).TakesNothing().Refuses(404).Refuses(503);

    /// <summary>
    /// Erases an event: its payload, the responses to it and the answer that its idempotency key keeps. Its ids, source, type, priority and times
    /// stay. Pending deliveries and dead letters of it end as <c>erased</c>; an attempt under way may finish. A replay of it is 410. Erasing it again
    /// changes nothing.
    /// </summary>
    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> Erase(string event_id, HttpContext context, EraseEvent erase)
    {
        if (!Guid.TryParseExact(event_id, "n", out var id))
        {
            return HistoryProblems.InvalidEventId(event_id);
        }

        return await erase.ExecuteAsync(id, context.Actor()) ? TypedResults.NoContent() : HistoryProblems.UnknownEvent(id);
    }
}
