using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>The routes that change the definition of an endpoint, as a whole or in parts.</summary>
internal static class EndpointDefinitionRoutes
{
    private const string Path = "/{endpoint_id}";

    public static void MapDefinitions(this RouteGroupBuilder endpoints)
    {
        endpoints.MapPut(Path, Replace).TakesJson(EndpointBody.Whole)
            .RefusesAStaleChange().Shows(200, HeaderNames.ETag).Refuses(409, EndpointRoutes.BuiltIn);
        endpoints.MapPatch(Path, Patch).TakesJson(EndpointBody.Patch, new JsonRule { MediaType = JsonMediaType.MergePatch })
            .RefusesAStaleChange().Shows(200, HeaderNames.ETag).Refuses(409, EndpointRoutes.BuiltIn);
    }

    /// <summary>
    /// Replaces the definition of an endpoint. A missing member takes the service's setting, except <c>headers</c>, which is never shown and stays:
    /// <c>{}</c> removes it. The secret stays. The answer of GET may be sent back; a read-only member with another value is refused.
    /// </summary>
    private static Task<Results<Ok<EndpointItem>, ValidationProblem, ProblemHttpResult>> Replace(
        string endpoint_id, HttpContext context, EndpointBody body, EndpointRegistry registry, ManageEndpoints manage, IEndpointHealth health) =>
        ChangeAsync(endpoint_id, context, body, registry, manage, health, isPatch: false);

    /// <summary>
    /// Changes parts of an endpoint by a JSON merge patch (RFC 7396). A member that is left out stays. Null sets it back to the settings, an object
    /// is merged, an array replaces the old one. The result is judged as a whole.
    /// </summary>
    private static Task<Results<Ok<EndpointItem>, ValidationProblem, ProblemHttpResult>> Patch(
        string endpoint_id, HttpContext context, EndpointBody body, EndpointRegistry registry, ManageEndpoints manage, IEndpointHealth health) =>
        ChangeAsync(endpoint_id, context, body, registry, manage, health, isPatch: true);

    private static async Task<Results<Ok<EndpointItem>, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        string endpointId, HttpContext context, EndpointBody body, EndpointRegistry registry, ManageEndpoints manage, IEndpointHealth health, bool isPatch)
    {
        var id = new EndpointId(endpointId);
        if (registry.FindRegistered(id) is not { } known)
        {
            return EndpointProblems.Unknown(endpointId);
        }

        if (known.Endpoint.Origin != EndpointOrigin.Api)
        {
            return EndpointProblems.Declared(known.Endpoint);
        }

        if (IfMatch.Refuse(context.Request, known, out var version) is { } refusal)
        {
            return refusal;
        }

        // Read before, as others wait for this change. Judged when no other can come between.
        var seen = health.Of(known.Endpoint);
        ValidationProblem? invalid = null;
        var changed = await manage.ChangeAsync(id, version, before =>
        {
            var given = context.ChangeOf(new EndpointItem(registry.FindRegistered(id)!, seen), before, isPatch);
            var after = body.Change(given, before);
            invalid = given.Refusal();
            return invalid is null ? after : before;
        }, context.Actor());
        return changed switch
        {
            _ when invalid is not null => invalid,
            { Endpoint: { } now } => context.Answer(now, health),
            { FallbackFault: not null } => EndpointProblems.InvalidFallback(changed),
            _ => EndpointProblems.NotChanged(id, registry),
        };
    }
}
