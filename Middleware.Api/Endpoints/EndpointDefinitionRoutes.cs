using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Endpoints;

/// <summary>Changing what an endpoint is, as a whole or in parts.</summary>
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
    /// Puts another definition in the place of an endpoint's; what is not given is as the settings have it, but what is never shown
    /// (<c>headers</c>) stays: <c>{}</c> removes it. Its secret stays. What GET shows may be put back; a read-only member is refused when it
    /// is another.
    /// </summary>
    private static Task<Results<Ok<EndpointItem>, ValidationProblem, ProblemHttpResult>> Replace(
        string endpoint_id, HttpContext context, EndpointBody body, EndpointRegistry registry, ManageEndpoints manage, IEndpointHealth health) =>
        ChangeAsync(endpoint_id, context, body, registry, manage, health, isPatch: false);

    /// <summary>
    /// Changes parts of an endpoint by a JSON merge patch (RFC 7396). A member that is left out stays. Null sets it back to the settings, an
    /// object is merged into what is there, an array takes its place. The result is judged as a whole.
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
        });
        return changed switch
        {
            _ when invalid is not null => invalid,
            { Endpoint: { } now } => context.Answer(now, health),
            { FallbackFault: not null } => EndpointProblems.InvalidFallback(changed),
            _ => EndpointProblems.NotChanged(id, registry),
        };
    }
}
