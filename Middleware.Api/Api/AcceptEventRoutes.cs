namespace Middleware.Api;

/// <summary>The routes that accept events.</summary>
internal static class AcceptEventRoutes
{
    /// <summary>Where a single event is sent; a batch goes to <c>/batch</c> below it.</summary>
    public const string Path = "/integrations/events";

    public static void MapAcceptEvents(this RouteGroupBuilder events)
    {
        // The one route that runs for every event: without the binding of parameters, and the scope of services that comes with it.
        var services = ((IEndpointRouteBuilder)events).ServiceProvider;
        var single = new Lazy<(AcceptEventEndpoint Endpoint, RefusalLog Refusals)>(
            () => (services.GetRequiredService<AcceptEventEndpoint>(), services.GetRequiredService<RefusalLog>()));
        events.MapPost("", context => AcceptAsync(context, single.Value.Endpoint, single.Value.Refusals));
        events.MapPost("/batch", AcceptBatchAsync);
    }

    /// <summary>Accepts one event; 200 is answered when it is kept.</summary>
    private static async Task AcceptAsync(HttpContext context, AcceptEventEndpoint endpoint, RefusalLog refusals)
    {
        var result = await endpoint.HandleAsync(context);
        refusals.Note(context, result);
        await result.ExecuteAsync(context);
    }

    /// <summary>
    /// Accepts up to 1,000 events, as a JSON array or as NDJSON (<c>application/x-ndjson</c>), at most 8 MiB. Each is judged alone and
    /// answered in order; 200 is answered when all that is accepted is kept. All bear the correlation id of the request.
    /// </summary>
    private static async Task<IResult> AcceptBatchAsync(HttpContext context, AcceptBatchEndpoint endpoint, RefusalLog refusals)
    {
        var result = await endpoint.HandleAsync(context);
        refusals.Note(context, result);
        return result;
    }
}
