using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.Events;
using Middleware.Http;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>The registry of webhook endpoints. A change is in force when it is answered, without a restart.</summary>
internal static class EndpointRoutes
{
    private const string Path = "/api/v1/endpoints";

    /// <summary>The scopes of those who may look at an endpoint.</summary>
    public const Scopes Read = Scopes.EventsRead | Scopes.EndpointsWrite | Scopes.Operate;

    private const Scopes Operate = Scopes.Operate | Scopes.EndpointsWrite;

    public const string BuiltIn = "It is built in, or declared in the configuration, and is changed there.";

    public static IServiceCollection AddEndpoints(this IServiceCollection services) => services
        .AddSettings(BuiltInEndpoint.Read)
        .AddSettings(EndpointDefaults.Read)
        .AddSettings(EndpointLimits.Read)
        .AddSettings(DisableSettings.Read)
        .AddSettings(ConfigGeneration.Read)
        .AddSingleton<EndpointRegistry>()
        .AddSingleton<ManageEndpoints>()
        .AddSingleton<EndpointBody>()
        .AddSingleton<DeclaredEndpoints>()
        .AddSingleton<DeclareEndpoints>()
        .AddSingleton<DisableFailing>()
        .AddSingleton<ClearDeleted>();

    public static void MapEndpoints(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.MapGroup(Path).WithTags("Endpoints").Needs(Scopes.EndpointsWrite).SeesChangesOfEndpoints();
        endpoints.MapGet("", List).HoldsItsAnswer().Needs(Read).Asks(static query => query.EndpointPage());
        endpoints.MapPost("", Create).TakesJson(EndpointBody.Whole).Shows(201, HeaderNames.ETag, HeaderNames.Location)
            .Refuses(409, "There are as many endpoints as MAX_ENDPOINTS allows.").Refuses(503);
        endpoints.MapGet("/{endpoint_id}", Get).Needs(Read).Shows(200, HeaderNames.ETag).Refuses(404);
        endpoints.MapDefinitions();
        endpoints.MapDelete("/{endpoint_id}", Delete).TakesNothing().Asks(static query => Waiting(query)).RefusesAStaleChange().Refuses(409, "It is built in or declared in the configuration, deliveries wait for it, or it is another's fallback.");
        endpoints.MapPost("/{endpoint_id}/enable", Enable).Needs(Operate).TakesNothing().ChangesAtOnce();
        endpoints.MapPost("/{endpoint_id}/disable", Disable).Needs(Operate).TakesNothing().ChangesAtOnce();
        endpoints.MapPost("/{endpoint_id}/rotate-secret", RotateSecret).TakesNothing().ChangesAtOnce();
    }

    public static TRoute SeesChangesOfEndpoints<TRoute>(this TRoute route)
        where TRoute : IEndpointConventionBuilder => route.SeesChanges(static async services =>
        {
            await services.GetRequiredService<ManageEndpoints>().FollowAsync();
            await services.GetRequiredService<IEndpointHealth>().RefreshAsync();
        });

    public static RouteHandlerBuilder RefusesAStaleChange(this RouteHandlerBuilder route) =>
        route.RefusesFaults().Reads(IfMatch.Header).Refuses(404).Refuses(412).Refuses(428).Refuses(503);

    private static RouteHandlerBuilder ChangesAtOnce(this RouteHandlerBuilder route) =>
        route.Shows(200, HeaderNames.ETag).Refuses(404).Refuses(409, BuiltIn).Refuses(503);

    /// <summary>Lists the endpoints, the built-in one first and then those of the configuration, without their secrets.</summary>
    private static Results<Ok<ListPage<EndpointItem>>, ValidationProblem> List(
        HttpContext context, EndpointRegistry registry, IEndpointHealth health)
    {
        var query = RequestReader.Of(context.Request.Query);
        var (after, limit) = query.EndpointPage();
        return query.Refusal() is { } refusal ? refusal : TypedResults.Ok(context.Answer(registry.List(after, limit + 1), limit, health));
    }

    /// <summary>
    /// Registers an endpoint. <c>name</c> and <c>url</c> are required; any other member takes the service's setting. Only this answer shows the
    /// secret that signs its deliveries.
    /// </summary>
    private static async Task<Results<Created<EndpointItem>, ValidationProblem, ProblemHttpResult>> Create(
        HttpContext context, EndpointBody body, ManageEndpoints manage, IEndpointHealth health, TimeProvider clock)
    {
        var given = RequestReader.Of(context);
        var id = new EndpointId($"ep_{Ids.Create(clock.GetUtcNow()):n}");
        var endpoint = body.Read(given, id);
        if (given.Refusal() is { } refusal)
        {
            return refusal;
        }

        var secret = ManageEndpoints.NewSecret();
        var change = await manage.AddAsync(endpoint with { Secrets = new SigningSecrets(secret) }, context.Actor());
        if (change.Endpoint is not { } added)
        {
            return change.MostEndpoints is { } most ? EndpointProblems.TooMany(most) : EndpointProblems.InvalidFallback(change);
        }

        context.Response.Headers.ETag = added.ETag();
        return TypedResults.Created($"{Path}/{id}", new EndpointItem(added, health.Of(added.Endpoint), secret));
    }

    /// <summary>Shows an endpoint, with the <c>ETag</c> that a change must bear in <c>If-Match</c>.</summary>
    private static Results<Ok<EndpointItem>, ProblemHttpResult> Get(
        string endpoint_id, HttpContext context, EndpointRegistry registry, IEndpointHealth health) =>
        registry.FindRegistered(new EndpointId(endpoint_id)) is { } known ? context.Answer(known, health) : EndpointProblems.Unknown(endpoint_id);

    /// <summary>
    /// Deletes an endpoint. 409 while deliveries wait for it, unless <c>?waiting=dead-letter</c> makes them dead letters of the reason
    /// <c>endpoint_deleted</c>. The deletion holds when it is answered; the deliveries become dead letters one after the other behind it.
    /// </summary>
    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> Delete(
        string endpoint_id, HttpContext context, EndpointRegistry registry, DeclareEndpoints declarations, ManageEndpoints manage, IEndpointHealth health)
    {
        var query = RequestReader.Of(context.Request.Query);
        var becomes = Waiting(query);
        if (query.Errors.TryGetValue("waiting", out var faults))
        {
            return ApiProblems.Invalid("waiting", faults[0]);
        }

        var id = new EndpointId(endpoint_id);
        if (registry.FindRegistered(id) is not { } known)
        {
            return EndpointProblems.Unknown(endpoint_id);
        }

        if (declarations.Find(id) is { } declared)
        {
            return EndpointProblems.Declared(declared);
        }

        if (IfMatch.Refuse(context.Request, known, out var version) is { } refusal)
        {
            return refusal;
        }

        return await manage.RemoveAsync(id, version, becomes is WaitingDeliveries.DeadLetter, context.Actor()) switch
        {
            EndpointRemoval.Removed => TypedResults.NoContent(),
            EndpointRemoval.IsFallback => EndpointProblems.IsFallback(id),
            EndpointRemoval.HasWaiting => EndpointProblems.HasWaiting(id, health.Of(known.Endpoint).Waiting),
            _ => EndpointProblems.NotChanged(id, registry),
        };
    }

    /// <summary>Enables deliveries to an endpoint; those that waited run first.</summary>
    private static Task<Results<Ok<EndpointItem>, ProblemHttpResult>> Enable(
        string endpoint_id, HttpContext context, ManageEndpoints manage, IEndpointHealth health) =>
        ChangeAsync(endpoint_id, context, manage, health, static endpoint => endpoint with { Disabled = null });

    /// <summary>Disables deliveries to an endpoint: its events are still accepted and kept, however many.</summary>
    private static Task<Results<Ok<EndpointItem>, ProblemHttpResult>> Disable(
        string endpoint_id, HttpContext context, ManageEndpoints manage, IEndpointHealth health) =>
        ChangeAsync(endpoint_id, context, manage, health, static endpoint => endpoint with { Disabled = DisabledReason.Operator });

    /// <summary>
    /// Makes a new secret, which only this answer shows. For 24 h deliveries bear the signatures of both. 409 for an endpoint whose secret is
    /// declared in the configuration: change it there, with the same overlap.
    /// </summary>
    private static async Task<Results<Ok<EndpointItem>, ProblemHttpResult>> RotateSecret(
        string endpoint_id, HttpContext context, DeclareEndpoints declarations, ManageEndpoints manage, TimeProvider clock, IEndpointHealth health)
    {
        var secret = ManageEndpoints.NewSecret();
        var id = new EndpointId(endpoint_id);
        if (declarations.Find(id) is { } declared && (declared.IsBuiltIn || declared is not { Secrets: null, SecretReference: null }))
        {
            return EndpointProblems.Declared(declared);
        }

        var changed = await manage.ChangeAsync(id, version: null, endpoint => endpoint with
        {
            Secrets = endpoint.Secrets?.Rotate(secret, clock.GetUtcNow()) ?? new SigningSecrets(secret),
            SecretReference = null,
        }, context.Actor());
        return changed.Endpoint is { } now ? context.Answer(now, health, secret) : EndpointProblems.Unknown(endpoint_id);
    }

    private static async Task<Results<Ok<EndpointItem>, ProblemHttpResult>> ChangeAsync(
        string endpointId, HttpContext context, ManageEndpoints manage, IEndpointHealth health, Func<WebhookEndpoint, WebhookEndpoint> change)
    {
        var id = new EndpointId(endpointId);
        return await manage.ChangeAsync(id, version: null, change, context.Actor()) is { Endpoint: { } changed } ? context.Answer(changed, health) : EndpointProblems.Unknown(endpointId);
    }

    private static WaitingDeliveries? Waiting(RequestReader query) => query.OneOf(
        "waiting",
        EnumNames<WaitingDeliveries>.All,
        "Makes dead letters of the deliveries that wait for it. Without it they keep it from being deleted.");
}
