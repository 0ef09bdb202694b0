using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware.Accepting;

/// <summary>The routes that accept events, in each version. The header or the path names the version; without either it is the first.</summary>
internal sealed class AcceptRoutes(AcceptVersions versions, Lazy<AcceptEventHandler> single, Lazy<AcceptBatchHandler> batch)
{
    /// <summary>The path of a single event; a batch goes to <c>/batch</c> below it.</summary>
    public const string Path = "/integrations/events";

    private const string Batch = "/batch";

    public static void MapIn(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        routes = routes.MapGroup("").Needs(Scopes.EventsWrite).WithMetadata(new AcceptsEvents());
        var accepting = new AcceptRoutes(
            services.GetRequiredService<AcceptVersions>(),
            new Lazy<AcceptEventHandler>(services.GetRequiredService<AcceptEventHandler>),
            new Lazy<AcceptBatchHandler>(services.GetRequiredService<AcceptBatchHandler>));

        // The first runs for every event: a plain delegate has neither binding of parameters nor the scope of services that comes with it.
        routes.MapPost(Path, accepting.Accept).DescribedBy(accepting.Accept).TakesAnEvent(AcceptForm.One, AcceptForm.Two);
        routes.MapPost(Path + Batch, accepting.AcceptBatch).DescribedBy(accepting.AcceptBatch).TakesManyEvents(AcceptForm.One, AcceptForm.TwoOfMany);
        routes.MapPost("/v1" + Path, accepting.AcceptInOne).DescribedBy(accepting.AcceptInOne).TakesAnEvent(AcceptForm.One);
        routes.MapPost("/v1" + Path + Batch, accepting.AcceptBatchInOne).DescribedBy(accepting.AcceptBatchInOne).TakesManyEvents(AcceptForm.One);
        routes.MapPost("/v2" + Path, accepting.AcceptInTwo).DescribedBy(accepting.AcceptInTwo).TakesAnEvent(AcceptForm.Two);
        routes.MapPost("/v2" + Path + Batch, accepting.AcceptBatchInTwo).DescribedBy(accepting.AcceptBatchInTwo).TakesManyEvents(AcceptForm.TwoOfMany);

        // Versions that are written in another way, or that there are not.
        routes.MapPost("/v{version}" + Path, context => accepting.OneAsync(context, InPath(context)));
        routes.MapPost("/v{version}" + Path + Batch, context => accepting.ManyAsync(context, InPath(context)));

        static string? InPath(HttpContext context) => context.Request.RouteValues["version"] as string;
    }

    /// <summary>
    /// Accepts one event; 200 is answered when it is kept. The header <c>api-version: 2.0</c> makes that 202, with the <c>Location</c> of the event.
    /// </summary>
    private Task Accept(HttpContext context) => OneAsync(context, inPath: null);

    /// <summary>Accepts one event by version 1; 200 is answered when it is kept.</summary>
    private Task AcceptInOne(HttpContext context) => OneAsync(context, inPath: "1");

    /// <summary>Accepts one event by version 2; 202 with the <c>Location</c> of the event is answered when it is kept.</summary>
    private Task AcceptInTwo(HttpContext context) => OneAsync(context, inPath: "2");

    /// <summary>
    /// Accepts up to 1,000 events in one request. They are a JSON array or NDJSON (<c>application/x-ndjson</c>) of at most 8 MiB. Each is judged
    /// alone and answered in order; 200 is answered when all accepted events are kept. All bear the correlation id of the request. An array whose
    /// syntax is broken between its events is refused as a whole. The header <c>api-version: 2.0</c> makes the answer 202.
    /// </summary>
    private Task AcceptBatch(HttpContext context) => ManyAsync(context, inPath: null);

    /// <summary>
    /// Accepts up to 1,000 events by version 1. They are a JSON array or NDJSON (<c>application/x-ndjson</c>) of at most 8 MiB. Each is judged alone
    /// and answered in order; 200 is answered when all accepted events are kept. All bear the correlation id of the request. An array whose syntax is
    /// broken between its events is refused as a whole.
    /// </summary>
    private Task AcceptBatchInOne(HttpContext context) => ManyAsync(context, inPath: "1");

    /// <summary>
    /// Accepts up to 1,000 events by version 2. They are a JSON array or NDJSON (<c>application/x-ndjson</c>) of at most 8 MiB. Each is judged alone
    /// and answered in order; 202 is answered when all accepted events are kept. All bear the correlation id of the request. An array whose syntax is
    /// broken between its events is refused as a whole.
    /// </summary>
    private Task AcceptBatchInTwo(HttpContext context) => ManyAsync(context, inPath: "2");

    private async Task OneAsync(HttpContext context, string? inPath)
    {
        IResult? answer = versions.Choose(context, inPath, out var refusal) is { } version ? await single.Value.HandleAsync(context, version.Single) : refusal;
        await answer!.ExecuteAsync(context);
    }

    private async Task ManyAsync(HttpContext context, string? inPath)
    {
        IResult? answer = versions.Choose(context, inPath, out var refusal) is { } version ? await batch.Value.HandleAsync(context, version.Batch) : refusal;
        await answer!.ExecuteAsync(context);
    }
}

/// <summary>Marks the routes whose requests are events: those that are refused before they come here count among the refused events.</summary>
internal sealed class AcceptsEvents;

internal static class AcceptingRegistration
{
    public static IServiceCollection AddAccepting(this IServiceCollection services) => services
        .AddSettings(AcceptLimits.Read)
        .AddSingleton(new AcceptVersions(AcceptVersion.One, AcceptVersion.Two))
        .AddSingleton<RefusalLog>()
        .AddSingleton<AcceptEventHandler>()
        .AddSingleton<AcceptBatchHandler>()
        .AddSingleton<RouteEvent>()
        .AddSingleton<AcceptEvent>();
}
