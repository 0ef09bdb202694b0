namespace Middleware.Api;

/// <summary>The routes that accept events.</summary>
internal static class AcceptEventRoutes
{
    public static void MapAcceptEvents(this RouteGroupBuilder events) => events.MapPost("", AcceptAsync);

    /// <summary>Accepts one event; 200 is answered when it is kept.</summary>
    private static Task<IResult> AcceptAsync(HttpContext context, AcceptEventEndpoint endpoint) => endpoint.HandleAsync(context);
}
