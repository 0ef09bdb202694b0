using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Api.OpenApi;
using Middleware.Api.Versions;

namespace Middleware.Api;

/// <summary>The routes that accept events, in each version, which is named by a header, by the path or not at all.</summary>
internal static class AcceptEventRoutes
{
    /// <summary>Where a single event is sent; a batch goes to <c>/batch</c> below it.</summary>
    public const string Path = "/integrations/events";

    private const string Batch = "/batch";

    public static void MapAcceptEvents(this IEndpointRouteBuilder routes)
    {
        var single = new Lazy<AcceptEventEndpoint>(routes.ServiceProvider.GetRequiredService<AcceptEventEndpoint>);
        var report = new Lazy<VersionReport>(routes.ServiceProvider.GetRequiredService<VersionReport>);
        var versions = routes.NewApiVersionSet().HasApiVersion(AcceptVersions.One).HasApiVersion(AcceptVersions.Two).ReportApiVersions().Build();

        // The one route that runs for every event: without the versions' policy, the binding of parameters and the scope of services that comes with it.
        var unnamed = routes.MapGroup(Path).WithMetadata(new VersionHeader(IsGiven: false));
        unnamed.MapPost("", context => Accept(context, single.Value, report.Value)).DescribedBy(Accept).TakesAnEvent(AcceptForm.One, AcceptForm.Two);
        unnamed.MapPost(Batch, AcceptBatch).TakesManyEvents(AcceptForm.One, AcceptForm.TwoOfMany);

        var inHeader = routes.MapGroup(Path).WithMetadata(new VersionHeader(IsGiven: true)).ExcludeFromDescription();
        inHeader.MapGroup("").WithApiVersionSet(versions).MapVersions(single);
        inHeader.MapUnknownVersions();

        routes.MapGroup("/v{version:apiVersion}" + Path).WithApiVersionSet(versions).MapVersions(single);
        routes.MapGroup("/v{version}" + Path).ExcludeFromDescription().MapUnknownVersions();
    }

    private static void MapVersions(this RouteGroupBuilder events, Lazy<AcceptEventEndpoint> single)
    {
        events.MapPost("", context => AcceptInOne(context, single.Value)).MapToApiVersion(AcceptVersions.One).DescribedBy(AcceptInOne).TakesAnEvent(AcceptForm.One);
        events.MapPost("", context => AcceptInTwo(context, single.Value)).MapToApiVersion(AcceptVersions.Two).DescribedBy(AcceptInTwo).TakesAnEvent(AcceptForm.Two);
        events.MapPost(Batch, AcceptBatchInOne).MapToApiVersion(AcceptVersions.One).TakesManyEvents(AcceptForm.One);
        events.MapPost(Batch, AcceptBatchInTwo).MapToApiVersion(AcceptVersions.Two).TakesManyEvents(AcceptForm.TwoOfMany);
    }

    /// <summary>They have no version, so Asp.Versioning leaves what it would refuse to them.</summary>
    private static void MapUnknownVersions(this RouteGroupBuilder events)
    {
        events.MapPost("", RefuseVersion).WithOrder(1);
        events.MapPost(Batch, RefuseVersion).WithOrder(1);
    }

    /// <summary>
    /// Accepts one event; 200 is answered when it is kept. With the header <c>api-version: 2.0</c> that is 202, with the <c>Location</c> of
    /// the event.
    /// </summary>
    private static Task Accept(HttpContext context, AcceptEventEndpoint endpoint, VersionReport report)
    {
        report.AddTo(context.Response);
        return AnswerAsync(context, endpoint, AcceptForm.One);
    }

    /// <summary>Accepts one event by version 1; 200 is answered when it is kept.</summary>
    private static Task AcceptInOne(HttpContext context, AcceptEventEndpoint endpoint) => AnswerAsync(context, endpoint, AcceptForm.One);

    /// <summary>Accepts one event by version 2; 202 with the <c>Location</c> of the event is answered when it is kept.</summary>
    private static Task AcceptInTwo(HttpContext context, AcceptEventEndpoint endpoint) => AnswerAsync(context, endpoint, AcceptForm.Two);

    /// <summary>
    /// Accepts up to 1,000 events in one request. They are a JSON array or NDJSON (<c>application/x-ndjson</c>) of at most 8 MiB. Each is
    /// judged alone and answered in order; 200 is answered when all that is accepted is kept. All bear the correlation id of the request.
    /// An array whose syntax is broken between its events is refused as a whole.
    /// With the header <c>api-version: 2.0</c> that is 202.
    /// </summary>
    private static Task<IResult> AcceptBatch(HttpContext context, AcceptBatchEndpoint endpoint, VersionReport report)
    {
        report.AddTo(context.Response);
        return endpoint.HandleAsync(context, AcceptForm.One);
    }

    /// <summary>
    /// Accepts up to 1,000 events by version 1. They are a JSON array or NDJSON (<c>application/x-ndjson</c>) of at most 8 MiB. Each is
    /// judged alone and answered in order; 200 is answered when all that is accepted is kept. All bear the correlation id of the request.
    /// An array whose syntax is broken between its events is refused as a whole.
    /// </summary>
    private static Task<IResult> AcceptBatchInOne(HttpContext context, AcceptBatchEndpoint endpoint) => endpoint.HandleAsync(context, AcceptForm.One);

    /// <summary>
    /// Accepts up to 1,000 events by version 2. They are a JSON array or NDJSON (<c>application/x-ndjson</c>) of at most 8 MiB. Each is
    /// judged alone and answered in order; 202 is answered when all that is accepted is kept. All bear the correlation id of the request.
    /// An array whose syntax is broken between its events is refused as a whole.
    /// </summary>
    private static Task<IResult> AcceptBatchInTwo(HttpContext context, AcceptBatchEndpoint endpoint) => endpoint.HandleAsync(context, AcceptForm.TwoOfMany);

    private static ValidationProblem RefuseVersion(HttpContext context, VersionReport report) => UnknownVersion.Refuse(context, report);

    private static async Task AnswerAsync(HttpContext context, AcceptEventEndpoint endpoint, AcceptForm form)
    {
        var result = await endpoint.HandleAsync(context, form);
        await result.ExecuteAsync(context);
    }
}
