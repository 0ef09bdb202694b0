namespace Middleware.Api;

/// <summary>The routes that accept events.</summary>
internal static class AcceptEventRoutes
{
    public static void MapAcceptEvents(this RouteGroupBuilder events)
    {
        events.MapPost("", AcceptAsync);
        events.MapPost("/batch", AcceptBatchAsync);
    }

    /// <summary>Accepts one event; 200 is answered when it is kept.</summary>
    private static Task<IResult> AcceptAsync(HttpContext context, AcceptEventEndpoint endpoint) => endpoint.HandleAsync(context);

    /// <summary>
    /// Accepts up to 1,000 events, as a JSON array or as NDJSON (<c>application/x-ndjson</c>), at most 8 MiB. Each is judged alone and
    /// answered in order; 200 is answered when all that is accepted is kept. All bear the correlation id of the request.
    /// </summary>
    private static Task<IResult> AcceptBatchAsync(HttpContext context, AcceptBatchEndpoint endpoint) => endpoint.HandleAsync(context);
}
