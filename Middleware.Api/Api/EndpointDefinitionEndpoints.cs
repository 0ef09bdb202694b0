using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Changing what an endpoint is, as a whole or in parts.</summary>
internal static class EndpointDefinitionEndpoints
{
    private const string Path = "/{endpoint_id}";

    public static void MapDefinitions(this RouteGroupBuilder endpoints)
    {
        endpoints.MapPut(Path, Replace).TakesJson(typeof(EndpointRequest))
            .RefusesAStaleChange().Shows(200, HeaderNames.ETag).Refuses(409, RegistryEndpoints.BuiltIn);
        endpoints.MapPatch(Path, Patch).TakesJson(typeof(EndpointPatch), new JsonRule { MediaType = JsonMediaType.MergePatch })
            .RefusesAStaleChange().Shows(200, HeaderNames.ETag).Refuses(409, RegistryEndpoints.BuiltIn);
    }

    /// <summary>
    /// Puts another definition in the place of an endpoint's; what is not given is as the settings have it, but what is never shown
    /// (<c>headers</c>) stays: <c>{}</c> removes it. Its secret stays. What GET shows may be put back; a read-only member is refused when it
    /// is another.
    /// </summary>
    private static Task<Results<Ok<EndpointItem>, ValidationProblem, ProblemHttpResult>> Replace(
        string endpoint_id, HttpContext context, EndpointBody body, EndpointRegistry registry, ManageEndpoints manage, ReadHealth health) =>
        ChangeAsync(endpoint_id, context, registry, manage, health, body.Replace);

    /// <summary>
    /// Changes parts of an endpoint by a JSON merge patch (RFC 7396). A member that is left out stays. Null sets it back to the settings, an
    /// object is merged into what is there, an array takes its place. The result is judged as a whole.
    /// </summary>
    private static Task<Results<Ok<EndpointItem>, ValidationProblem, ProblemHttpResult>> Patch(
        string endpoint_id, HttpContext context, EndpointBody body, EndpointRegistry registry, ManageEndpoints manage, ReadHealth health) =>
        ChangeAsync(endpoint_id, context, registry, manage, health, body.Patch);

    private static async Task<Results<Ok<EndpointItem>, ValidationProblem, ProblemHttpResult>> ChangeAsync(
        string endpointId,
        HttpContext context,
        EndpointRegistry registry,
        ManageEndpoints manage,
        ReadHealth health,
        Func<JsonElement, WebhookEndpoint, EndpointItem, QueryFaults, WebhookEndpoint?> read)
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
        var seen = health.Execute(known.Endpoint);
        var faults = new QueryFaults();
        var changed = await manage.ChangeAsync(
            id, version, before => read(JsonRequest.Of(context), before, registry.FindRegistered(id)!.ToAnswer(seen), faults) ?? before);
        return changed switch
        {
            _ when faults.Errors.Count > 0 => HistoryProblems.Invalid(faults.Errors),
            { Endpoint: { } now } => context.Answer(now, health),
            { FallbackFault: not null } => EndpointProblems.InvalidFallback(changed),
            _ => EndpointProblems.NotChanged(id, registry),
        };
    }
}
